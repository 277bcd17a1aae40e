package github

import (
	"net/http"
	"slices"
	"strings"

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

func createPull(c *call) (reply, error) {
	var in pullInput
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	branch, err := ownBranch(c, in.Head)
	if err != nil {
		return reply{}, err
	}
	sha, err := checkPull(c, in, branch)
	if err != nil {
		return reply{}, err
	}
	now := c.server.options.Now()
	p := &pull{
		title: in.Title, body: in.Body, head: branch, base: in.Base, headSHA: sha, draft: in.Draft, created: now, updated: now,
	}
	if err := openPull(c, p); err != nil {
		return reply{}, err
	}
	return pullReply(c, http.StatusCreated, *p)
}

// openPull numbers a pull request, unless there is one between the same branches.
func openPull(c *call, p *pull) error {
	c.repo.mu.Lock()
	defer c.repo.mu.Unlock()
	for _, other := range c.repo.pulls {
		if err := c.repo.refresh(other, p.created); err != nil {
			return err
		}
		if other.closed.IsZero() && other.head == p.head && other.base == p.base {
			return invalid(c.docs(), "PullRequest", "", "custom", "A pull request already exists for "+c.repo.owner+":"+p.head+".")
		}
	}
	c.repo.pulls = append(c.repo.pulls, p)
	p.number = len(c.repo.pulls)
	return nil
}

// ownBranch takes "owner:" off a head. Forks are not served.
func ownBranch(c *call, head string) (string, error) {
	owner, branch, qualified := strings.Cut(head, ":")
	if !qualified {
		return head, nil
	}
	if !strings.EqualFold(owner, c.repo.owner) {
		return "", invalid(c.docs(), "PullRequest", "head", "invalid", "")
	}
	return branch, nil
}

func checkPull(c *call, in pullInput, branch string) (sha string, err error) {
	if in.Title == "" {
		return "", invalid(c.docs(), "PullRequest", "title", "missing_field", "")
	}
	if sha, err = c.repo.git.Resolve("refs/heads/" + branch); err != nil {
		return "", invalid(c.docs(), "PullRequest", "head", "invalid", "")
	}
	base, err := c.repo.git.Resolve("refs/heads/" + in.Base)
	if err != nil {
		return "", invalid(c.docs(), "PullRequest", "base", "invalid", "")
	}
	commits, err := c.repo.git.Between(c.ctx, base, sha)
	if err == nil && len(commits) == 0 {
		err = invalid(c.docs(), "PullRequest", "", "custom", "No commits between "+in.Base+" and "+branch)
	}
	return sha, err
}

// listPulls lists pull requests, newest first. Of sort and direction only GitHub's defaults are served.
func listPulls(c *call) (reply, error) {
	sort, direction := c.query("sort"), c.query("direction")
	if (sort != "" && sort != "created") || (direction != "" && direction != "desc") {
		return reply{}, refuse(http.StatusNotImplemented, c.docs(), "No handler for this order of pull requests")
	}
	state, base, head := c.query("state"), c.query("base"), c.query("head")
	if state == "" {
		state = "open"
	}
	c.repo.mu.Lock()
	var found []pull
	for _, p := range slices.Backward(c.repo.pulls) {
		if err := c.repo.refresh(p, c.server.options.Now()); err != nil {
			c.repo.mu.Unlock()
			return reply{}, err
		}
		if (state == "all" || state == p.state()) && (base == "" || base == p.base) &&
			(head == "" || strings.EqualFold(head, c.repo.owner+":"+p.head)) {
			found = append(found, *p)
		}
	}
	c.repo.mu.Unlock()
	return paged(c, found, func(p pull) (object, error) { return pullJSON(c, p), nil })
}

func listPullFiles(c *call) (reply, error) {
	p, err := c.pull()
	if err != nil {
		return reply{}, err
	}
	from, err := forkPoint(c, p)
	if err != nil {
		return reply{}, err
	}
	files, _, _, err := changedFiles(c, from, p.headSHA)
	if err != nil {
		return reply{}, err
	}
	return paged(c, files, func(o object) (object, error) { return o, nil })
}

// forkPoint is where a pull request leaves its base.
func forkPoint(c *call, p pull) (string, error) {
	base, err := c.repo.git.Resolve("refs/heads/" + p.base)
	if p.mergedOn != "" {
		base, err = p.mergedOn, nil
	}
	if err != nil {
		return "", err
	}
	fork, err := c.repo.git.MergeBase(c.ctx, base, p.headSHA)
	if err != nil {
		return bare.EmptyTree, err
	}
	return fork, nil
}
