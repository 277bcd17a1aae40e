package rest

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/bare"
)

// mergeInput is the body of PUT merge.
type mergeInput struct {
	CommitTitle   string `json:"commit_title"`
	CommitMessage string `json:"commit_message"`
	SHA           string `json:"sha"`
	MergeMethod   string `json:"merge_method"`
}

// mergePull merges by git's own three-way merge and compare-and-swap. Of its refusals, 405 "Base branch was modified" and
// 409 are worth another try; 405 "not mergeable" is not.
func mergePull(c *github.Call) (*github.Response, error) {
	var in mergeInput
	if len(c.Body) > 0 {
		if err := c.Decode(&in); err != nil {
			return nil, err
		}
	}
	p, err := pathPull(c)
	if err != nil {
		return nil, err
	}
	if in.SHA != "" && in.SHA != p.HeadSHA {
		return nil, c.Refuse(http.StatusConflict, "Head branch was modified. Review and try the merge again.")
	}
	if !p.Closed.IsZero() {
		return nil, notMergeable(c)
	}
	if state, _ := c.Repository.Rules(); state == "blocked" {
		return nil, c.Refuse(http.StatusMethodNotAllowed,
			"At least 1 approving review is required by reviewers with write access.")
	}
	if p.Draft {
		return nil, c.Refuse(http.StatusMethodNotAllowed, "Pull Request is still a draft")
	}
	base, err := c.Head(c.Repository, p.Base)
	if err != nil {
		return nil, err
	}
	merged, err := mergeCommit(c, p, base, in)
	if err != nil {
		return nil, err
	}
	c.Repository.Lock()
	defer c.Repository.Unlock()
	done := c.Repository.Pulls[p.Number-1]
	done.Closed, done.Updated = c.Now(), c.Now()
	done.Merged, done.MergedOnto, done.HeadSHA = merged, base, p.HeadSHA
	return github.Respond(http.StatusOK, object{"sha": merged, "merged": true, "message": "Pull Request successfully merged"})
}

func notMergeable(c *github.Call) error {
	return c.Refuse(http.StatusMethodNotAllowed, "Pull Request is not mergeable")
}

// mergeCommit makes the commit and moves the base.
func mergeCommit(c *github.Call, p github.Pull, base string, in mergeInput) (string, error) {
	tree, err := c.Repository.Git.Merge(c.Context, base, p.HeadSHA)
	if errors.Is(err, bare.ErrConflict) {
		return "", notMergeable(c)
	}
	if err != nil {
		return "", err
	}
	commit := bare.Commit{Tree: tree, Author: c.Viewer(), Committer: c.WebFlow()}
	var title string
	switch cmp.Or(in.MergeMethod, "merge") {
	case "merge":
		commit.Parents = []string{base, p.HeadSHA}
		title = fmt.Sprintf("Merge pull request #%d from %s/%s", p.Number, c.Repository.Owner, p.Head)
		in.CommitMessage = cmp.Or(in.CommitMessage, p.Title)
	case "squash":
		commit.Parents = []string{base}
		title = fmt.Sprintf("%s (#%d)", p.Title, p.Number)
		in.CommitMessage = cmp.Or(in.CommitMessage, p.Body)
	case "rebase":
		return "", c.Refuse(http.StatusMethodNotAllowed, "Rebase merges are not allowed on this repository.")
	default:
		return "", c.Invalid("PullRequest", "merge_method", "invalid", "")
	}
	commit.Message = cmp.Or(in.CommitTitle, title)
	if in.CommitMessage != "" {
		commit.Message += "\n\n" + in.CommitMessage
	}
	if text := c.Repository.Misworded(p.Base, commit.Message); text != "" {
		return "", c.Refuse(http.StatusMethodNotAllowed, "%s", text)
	}
	return moveBase(c, p, base, commit)
}

// moveBase writes the commit that a pull request becomes, and moves its base there.
func moveBase(c *github.Call, p github.Pull, base string, commit bare.Commit) (string, error) {
	merged, err := c.Repository.Git.WriteCommit(c.Context, commit)
	if err != nil {
		return "", err
	}
	err = c.Repository.Git.Move(c.Context, "refs/heads/"+p.Base, base, merged)
	if errors.Is(err, bare.ErrStale) {
		return "", c.Refuse(http.StatusMethodNotAllowed, "Base branch was modified. Review and try the merge again.")
	}
	return merged, err
}
