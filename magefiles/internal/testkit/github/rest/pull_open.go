package rest

import (
	"net/http"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/bare"
)

// pullInput is the body of POST pulls.
type pullInput struct {
	Title               string `json:"title"`
	Body                string `json:"body"`
	Head                string `json:"head"`
	Base                string `json:"base"`
	Draft               bool   `json:"draft"`
	MaintainerCanModify bool   `json:"maintainer_can_modify"` // says nothing within one repository
}

func createPull(c *github.Call) (*github.Response, error) {
	var in pullInput
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	branch, err := ownBranch(c, in.Head)
	if err != nil {
		return nil, err
	}
	sha, err := checkPull(c, in, branch)
	if err != nil {
		return nil, err
	}
	now := c.Now()
	p := &github.Pull{
		Title: in.Title, Body: in.Body, Head: branch, Base: in.Base, HeadSHA: sha, Draft: in.Draft, Created: now, Updated: now,
	}
	if err := openPull(c, p); err != nil {
		return nil, err
	}
	return pullReply(c, http.StatusCreated, *p)
}

// openPull numbers a pull request, unless there is one between the same branches.
func openPull(c *github.Call, p *github.Pull) error {
	c.Repository.Lock()
	defer c.Repository.Unlock()
	for _, other := range c.Repository.Pulls {
		if err := c.Repository.Refresh(other, p.Created); err != nil {
			return err
		}
		if other.Closed.IsZero() && other.Head == p.Head && other.Base == p.Base {
			return c.Invalid("PullRequest", "", "custom", "A pull request already exists for "+c.Repository.Owner+":"+p.Head+".")
		}
	}
	c.Repository.Pulls = append(c.Repository.Pulls, p)
	p.Number = len(c.Repository.Pulls)
	return nil
}

// ownBranch takes "owner:" off a head. Forks are not served.
func ownBranch(c *github.Call, head string) (string, error) {
	owner, branch, qualified := strings.Cut(head, ":")
	if !qualified {
		return head, nil
	}
	if !strings.EqualFold(owner, c.Repository.Owner) {
		return "", c.Invalid("PullRequest", "head", "invalid", "")
	}
	return branch, nil
}

func checkPull(c *github.Call, in pullInput, branch string) (sha string, err error) {
	if in.Title == "" {
		return "", c.Invalid("PullRequest", "title", "missing_field", "")
	}
	if sha, err = c.Repository.Git.Resolve("refs/heads/" + branch); err != nil {
		return "", c.Invalid("PullRequest", "head", "invalid", "")
	}
	base, err := c.Repository.Git.Resolve("refs/heads/" + in.Base)
	if err != nil {
		return "", c.Invalid("PullRequest", "base", "invalid", "")
	}
	commits, err := c.Repository.Git.Between(c.Context, base, sha)
	if err == nil && len(commits) == 0 {
		err = c.Invalid("PullRequest", "", "custom", "No commits between "+in.Base+" and "+branch)
	}
	return sha, err
}

// listPulls lists pull requests, newest first. Of sort and direction only GitHub's defaults are served.
func listPulls(c *github.Call) (*github.Response, error) {
	sort, direction := c.Query("sort"), c.Query("direction")
	if (sort != "" && sort != "created") || (direction != "" && direction != "desc") {
		return nil, c.Refuse(http.StatusNotImplemented, "No handler for this order of pull requests")
	}
	state, base, head := c.Query("state"), c.Query("base"), c.Query("head")
	if state == "" {
		state = "open"
	}
	c.Repository.Lock()
	var found []github.Pull
	for _, p := range slices.Backward(c.Repository.Pulls) {
		if err := c.Repository.Refresh(p, c.Now()); err != nil {
			c.Repository.Unlock()
			return nil, err
		}
		if (state == "all" || state == p.State()) && (base == "" || base == p.Base) &&
			(head == "" || strings.EqualFold(head, c.Repository.Owner+":"+p.Head)) {
			found = append(found, *p)
		}
	}
	c.Repository.Unlock()
	return paged(c, found, func(p github.Pull) (object, error) { return pullJSON(c, p), nil })
}

// forkPoint returns the commit at which a pull request leaves its base.
func forkPoint(c *github.Call, p github.Pull) (string, error) {
	base, err := c.Repository.Git.Resolve("refs/heads/" + p.Base)
	if p.MergedOnto != "" {
		base, err = p.MergedOnto, nil
	}
	if err != nil {
		return "", err
	}
	fork, err := c.Repository.Git.MergeBase(c.Context, base, p.HeadSHA)
	if err != nil {
		return bare.EmptyTree, err
	}
	return fork, nil
}
