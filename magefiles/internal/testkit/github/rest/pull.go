package rest

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

// pull finds the pull request that the path names and gives a copy of it, up to date.
func pathPull(c *github.Call) (github.Pull, error) {
	number, err := strconv.Atoi(c.Param("number"))
	c.Repository.Lock()
	defer c.Repository.Unlock()
	if err != nil || number < 1 || number > len(c.Repository.Pulls) {
		return github.Pull{}, c.NotFound()
	}
	p := c.Repository.Pulls[number-1]
	return *p, c.Repository.Refresh(p, c.Now())
}

// change applies a function to the pull request that the path names, and gives what it has become.
func changePull(c *github.Call, apply func(*github.Pull)) (github.Pull, error) {
	found, err := pathPull(c)
	if err != nil {
		return github.Pull{}, err
	}
	c.Repository.Lock()
	defer c.Repository.Unlock()
	p := c.Repository.Pulls[found.Number-1]
	apply(p)
	p.Updated = c.Now()
	return *p, nil
}

func getPull(c *github.Call) (*github.Response, error) {
	p, err := pathPull(c)
	if err != nil {
		return nil, err
	}
	return pullReply(c, http.StatusOK, p)
}

func updatePull(c *github.Call) (*github.Response, error) {
	var in struct{ Title, Body, State, Base *string }
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	changed, err := changePull(c, func(p *github.Pull) {
		set(&p.Title, in.Title)
		set(&p.Body, in.Body)
		set(&p.Base, in.Base)
		switch {
		case in.State == nil:
		case *in.State == "closed" && p.Closed.IsZero():
			p.Closed = c.Now()
		case *in.State == "open" && p.Merged == "":
			p.Closed = time.Time{}
		}
	})
	if err != nil {
		return nil, err
	}
	return pullReply(c, http.StatusOK, changed)
}

// set overwrites a value where a request gives another.
func set(to, from *string) {
	if from != nil {
		*to = *from
	}
}

func addLabels(c *github.Call) (*github.Response, error) {
	var in struct{ Labels []string }
	if err := c.Decode(&in.Labels); err != nil { // a bare list is allowed as well as an object
		if err := c.Decode(&in); err != nil {
			return nil, err
		}
	}
	changed, err := changePull(c, func(p *github.Pull) {
		for _, label := range in.Labels {
			if !slices.Contains(p.Labels, label) {
				p.Labels = append(p.Labels, label)
			}
		}
	})
	if err != nil {
		return nil, err
	}
	return github.Respond(http.StatusOK, labelsJSON(c, changed.Labels))
}

func requestReviewers(c *github.Call) (*github.Response, error) {
	var in struct {
		Reviewers     []string `json:"reviewers"`
		TeamReviewers []string `json:"team_reviewers"`
		NodeID        string   `json:"node_id"` // sent by go-github
	}
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	if slices.Contains(in.Reviewers, c.Login()) {
		return nil, c.Unprocessable("Review cannot be requested from pull request author.")
	}
	changed, err := changePull(c, func(p *github.Pull) {
		p.Reviewers = slices.Compact(slices.Sorted(slices.Values(append(p.Reviewers, in.Reviewers...))))
		p.Teams = slices.Compact(slices.Sorted(slices.Values(append(p.Teams, in.TeamReviewers...))))
	})
	if err != nil {
		return nil, err
	}
	return github.Respond(http.StatusCreated, pullJSON(c, changed))
}
