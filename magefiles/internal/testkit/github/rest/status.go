package rest

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

func createStatus(c *github.Call) (*github.Response, error) {
	var in struct {
		State       string `json:"state"`
		Context     string `json:"context"`
		Description string `json:"description"`
		TargetURL   string `json:"target_url"`
	}
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	if !slices.Contains([]string{"error", "failure", "pending", "success"}, in.State) {
		return nil, c.Invalid("Status", "state", "invalid", "")
	}
	commit, err := c.Repository.Git.Commit(c.Param("sha"))
	if err != nil || !github.IsOID(c.Param("sha")) {
		return nil, c.Unprocessable("No commit found for SHA: " + c.Param("sha"))
	}
	c.Repository.Lock()
	defer c.Repository.Unlock()
	s := github.Status{
		ID: len(c.Repository.Statuses[commit.OID]) + 1, State: in.State, Context: cmp.Or(in.Context, "default"),
		Description: in.Description, Target: in.TargetURL,
	}
	c.Repository.Statuses[commit.OID] = append([]github.Status{s}, c.Repository.Statuses[commit.OID]...)
	return github.Respond(http.StatusCreated, fullStatusJSON(c, commit.OID, s))
}

func statusJSON(c *github.Call, sha string, s github.Status) object {
	now := github.Stamp(c.Now())
	return object{
		"id": s.ID, "node_id": "SC_1", "url": c.API("/statuses/%s", sha), "avatar_url": nil, "state": s.State,
		"context": s.Context, "description": orNull(s.Description), "target_url": orNull(s.Target), "created_at": now,
		"updated_at": now,
	}
}

// fullStatusJSON is GitHub's status schema, statusJSON its simple-commit-status.
func fullStatusJSON(c *github.Call, sha string, s github.Status) object {
	full := statusJSON(c, sha, s)
	full["creator"] = userJSON(c, c.Login(), "User")
	return full
}

// statusesOf returns the statuses of a commit, newest first.
func statusesOf(c *github.Call, ref string) (sha string, list []github.Status, err error) {
	commit, err := c.Commit(c.Repository, ref)
	if err != nil {
		return "", nil, c.Missing(err)
	}
	c.Repository.Lock()
	defer c.Repository.Unlock()
	return commit.OID, slices.Clone(c.Repository.Statuses[commit.OID]), nil
}

func listStatuses(c *github.Call, ref string) (*github.Response, error) {
	sha, list, err := statusesOf(c, ref)
	if err != nil {
		return nil, err
	}
	return paged(c, list, func(s github.Status) (object, error) { return fullStatusJSON(c, sha, s), nil })
}

// combinedStatus is the newest status of each context, and what they amount to:
// https://docs.github.com/rest/commits/statuses#get-the-combined-status-for-a-specific-reference.
func combinedStatus(c *github.Call, ref string) (*github.Response, error) {
	sha, list, err := statusesOf(c, ref)
	if err != nil {
		return nil, err
	}
	state, seen, latest := "success", map[string]bool{}, []object{}
	for _, s := range list {
		if seen[s.Context] {
			continue
		}
		seen[s.Context] = true
		latest = append(latest, statusJSON(c, sha, s))
		switch {
		case s.State == "error" || s.State == "failure":
			state = "failure"
		case s.State == "pending" && state == "success":
			state = "pending"
		}
	}
	if len(latest) == 0 {
		state = "pending"
	}
	return github.Respond(http.StatusOK, object{
		"state": state, "statuses": latest, "sha": sha, "total_count": len(latest), "repository": minimalRepositoryJSON(c),
		"commit_url": c.API("/commits/%s", sha), "url": c.API("/commits/%s/status", sha),
	})
}
