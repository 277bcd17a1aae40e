package github

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/bare"
)

// mergeInput is the body of PUT merge.
type mergeInput struct {
	CommitTitle   string `json:"commit_title"`
	CommitMessage string `json:"commit_message"`
	SHA           string `json:"sha"`
	MergeMethod   string `json:"merge_method"`
}

func isMerged(c *call) (reply, error) {
	p, err := c.pull()
	if err != nil {
		return reply{}, err
	}
	if p.merged == "" {
		return reply{}, notFound(c.docs())
	}
	return reply{status: http.StatusNoContent, header: map[string]string{}}, nil
}

// mergePull merges by git's own three-way merge and compare-and-swap. Of its refusals, 405 "Base branch was modified" and
// 409 are worth another try; 405 "not mergeable" is not.
func mergePull(c *call) (reply, error) {
	var in mergeInput
	if len(c.body) > 0 {
		if err := c.decode(&in); err != nil {
			return reply{}, err
		}
	}
	p, err := c.pull()
	if err != nil {
		return reply{}, err
	}
	if in.SHA != "" && in.SHA != p.headSHA {
		return reply{}, refuse(http.StatusConflict, c.docs(), "Head branch was modified. Review and try the merge again.")
	}
	if !p.closed.IsZero() {
		return reply{}, notMergeable(c)
	}
	if state, _ := c.repo.rules(); state == "blocked" {
		return reply{}, refuse(http.StatusMethodNotAllowed, c.docs(),
			"At least 1 approving review is required by reviewers with write access.")
	}
	if p.draft {
		return reply{}, refuse(http.StatusMethodNotAllowed, c.docs(), "Pull Request is still a draft")
	}
	base, err := c.head(c.repo, p.base)
	if err != nil {
		return reply{}, err
	}
	merged, err := mergeCommit(c, p, base, in)
	if err != nil {
		return reply{}, err
	}
	c.repo.mu.Lock()
	defer c.repo.mu.Unlock()
	done := c.repo.pulls[p.number-1]
	done.closed, done.updated = c.server.options.Now(), c.server.options.Now()
	done.merged, done.mergedOn, done.headSHA = merged, base, p.headSHA
	return respond(http.StatusOK, object{"sha": merged, "merged": true, "message": "Pull Request successfully merged"})
}

func notMergeable(c *call) error {
	return refuse(http.StatusMethodNotAllowed, c.docs(), "Pull Request is not mergeable")
}

// mergeCommit makes the commit and moves the base.
func mergeCommit(c *call, p pull, base string, in mergeInput) (string, error) {
	tree, err := c.repo.git.Merge(c.ctx, base, p.headSHA)
	if errors.Is(err, bare.ErrConflict) {
		return "", notMergeable(c)
	}
	if err != nil {
		return "", err
	}
	commit := bare.Commit{Tree: tree, Author: viewer(c.server), Committer: webFlow(c.server)}
	var title string
	switch cmp.Or(in.MergeMethod, "merge") {
	case "merge":
		commit.Parents = []string{base, p.headSHA}
		title = fmt.Sprintf("Merge pull request #%d from %s/%s", p.number, c.repo.owner, p.head)
		in.CommitMessage = cmp.Or(in.CommitMessage, p.title)
	case "squash":
		commit.Parents = []string{base}
		title = fmt.Sprintf("%s (#%d)", p.title, p.number)
		in.CommitMessage = cmp.Or(in.CommitMessage, p.body)
	case "rebase":
		return "", refuse(http.StatusMethodNotAllowed, c.docs(), "Rebase merges are not allowed on this repository.")
	default:
		return "", invalid(c.docs(), "PullRequest", "merge_method", "invalid", "")
	}
	commit.Message = cmp.Or(in.CommitTitle, title)
	if in.CommitMessage != "" {
		commit.Message += "\n\n" + in.CommitMessage
	}
	if text := c.repo.misworded(p.base, commit.Message); text != "" {
		return "", refuse(http.StatusMethodNotAllowed, c.docs(), "%s", text)
	}
	return moveBase(c, p, base, commit)
}

// moveBase writes the commit that a pull request becomes, and moves its base there.
func moveBase(c *call, p pull, base string, commit bare.Commit) (string, error) {
	merged, err := c.repo.git.WriteCommit(c.ctx, commit)
	if err != nil {
		return "", err
	}
	err = c.repo.git.Move(c.ctx, "refs/heads/"+p.base, base, merged)
	if errors.Is(err, bare.ErrStale) {
		return "", refuse(http.StatusMethodNotAllowed, c.docs(), "Base branch was modified. Review and try the merge again.")
	}
	return merged, err
}
