package github

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/bare"
)

// pull is one pull request between two branches of a repository. It is guarded by the repository's lock.
type pull struct {
	number    int
	title     string
	body      string
	head      string // branch
	base      string // branch
	headSHA   string // last commit that the head branch was seen at
	draft     bool
	closed    time.Time // zero while open
	merged    string    // the commit that it became; empty while not merged
	mergedOn  string    // what the base was at when it was merged
	created   time.Time
	updated   time.Time
	labels    []string
	reviewers []string
	teams     []string
	reviews   []review
	autoMerge string // method; empty where it is not enabled
}

func (p *pull) state() string {
	if p.closed.IsZero() {
		return "open"
	}
	return "closed"
}

// refresh brings a pull request up to date with its branches: new commits on the head, or a deleted head, which closes it.
func (r *repository) refresh(p *pull, now time.Time) error {
	if !p.closed.IsZero() {
		return nil
	}
	sha, err := r.git.Resolve("refs/heads/" + p.head)
	if errors.Is(err, bare.ErrMissing) {
		p.closed, p.updated = now, now
		return nil
	}
	if err != nil {
		return err
	}
	p.headSHA = sha
	return nil
}

// pull finds the pull request that the path names and gives a copy of it, up to date.
func (c *call) pull() (pull, error) {
	number, err := strconv.Atoi(c.param("number"))
	c.repo.mu.Lock()
	defer c.repo.mu.Unlock()
	if err != nil || number < 1 || number > len(c.repo.pulls) {
		return pull{}, notFound(c.docs())
	}
	p := c.repo.pulls[number-1]
	return *p, c.repo.refresh(p, c.server.options.Now())
}

// change applies a function to the pull request that the path names, and gives what it has become.
func (c *call) change(apply func(*pull)) (pull, error) {
	found, err := c.pull()
	if err != nil {
		return pull{}, err
	}
	c.repo.mu.Lock()
	defer c.repo.mu.Unlock()
	p := c.repo.pulls[found.number-1]
	apply(p)
	p.updated = c.server.options.Now()
	return *p, nil
}

// openPulls counts.
func (r *repository) openPulls() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, p := range r.pulls {
		if p.closed.IsZero() {
			n++
		}
	}
	return n
}

func getPull(c *call) (reply, error) {
	p, err := c.pull()
	if err != nil {
		return reply{}, err
	}
	return pullReply(c, http.StatusOK, p)
}

func updatePull(c *call) (reply, error) {
	var in struct{ Title, Body, State, Base *string }
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	changed, err := c.change(func(p *pull) {
		set(&p.title, in.Title)
		set(&p.body, in.Body)
		set(&p.base, in.Base)
		switch {
		case in.State == nil:
		case *in.State == "closed" && p.closed.IsZero():
			p.closed = c.server.options.Now()
		case *in.State == "open" && p.merged == "":
			p.closed = time.Time{}
		}
	})
	if err != nil {
		return reply{}, err
	}
	return pullReply(c, http.StatusOK, changed)
}

// set overwrites a value where a request gives another.
func set(to, from *string) {
	if from != nil {
		*to = *from
	}
}

func addLabels(c *call) (reply, error) {
	var in struct{ Labels []string }
	if err := c.decode(&in.Labels); err != nil { // a bare list is allowed as well as an object
		if err := c.decode(&in); err != nil {
			return reply{}, err
		}
	}
	changed, err := c.change(func(p *pull) {
		for _, label := range in.Labels {
			if !slices.Contains(p.labels, label) {
				p.labels = append(p.labels, label)
			}
		}
	})
	if err != nil {
		return reply{}, err
	}
	return respond(http.StatusOK, labelsJSON(c, changed.labels))
}

func requestReviewers(c *call) (reply, error) {
	var in struct {
		Reviewers     []string `json:"reviewers"`
		TeamReviewers []string `json:"team_reviewers"`
		NodeID        string   `json:"node_id"` // sent by go-github
	}
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	if slices.Contains(in.Reviewers, c.server.options.Login) {
		return reply{}, unprocessable(c, "Review cannot be requested from pull request author.")
	}
	changed, err := c.change(func(p *pull) {
		p.reviewers = slices.Compact(slices.Sorted(slices.Values(append(p.reviewers, in.Reviewers...))))
		p.teams = slices.Compact(slices.Sorted(slices.Values(append(p.teams, in.TeamReviewers...))))
	})
	if err != nil {
		return reply{}, err
	}
	return respond(http.StatusCreated, pullJSON(c, changed))
}
