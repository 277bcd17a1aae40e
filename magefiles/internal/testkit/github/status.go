package github

import (
	"cmp"
	"net/http"
	"slices"
)

// status is one commit status.
type status struct {
	id                                  int
	state, context, description, target string
}

func createStatus(c *call) (reply, error) {
	var in struct {
		State       string `json:"state"`
		Context     string `json:"context"`
		Description string `json:"description"`
		TargetURL   string `json:"target_url"`
	}
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	if !slices.Contains([]string{"error", "failure", "pending", "success"}, in.State) {
		return reply{}, invalid(c.docs(), "Status", "state", "invalid", "")
	}
	commit, err := c.repo.git.Commit(c.param("sha"))
	if err != nil || !isOID(c.param("sha")) {
		return reply{}, unprocessable(c, "No commit found for SHA: "+c.param("sha"))
	}
	c.repo.mu.Lock()
	defer c.repo.mu.Unlock()
	s := status{
		id: len(c.repo.statuses[commit.OID]) + 1, state: in.State, context: cmp.Or(in.Context, "default"),
		description: in.Description, target: in.TargetURL,
	}
	c.repo.statuses[commit.OID] = append([]status{s}, c.repo.statuses[commit.OID]...)
	return respond(http.StatusCreated, fullStatusJSON(c, commit.OID, s))
}

func statusJSON(c *call, sha string, s status) object {
	now := stamp(c.server.options.Now())
	return object{
		"id": s.id, "node_id": "SC_1", "url": c.api("/statuses/%s", sha), "avatar_url": nil, "state": s.state,
		"context": s.context, "description": orNull(s.description), "target_url": orNull(s.target), "created_at": now,
		"updated_at": now,
	}
}

// fullStatusJSON is GitHub's status schema, statusJSON its simple-commit-status.
func fullStatusJSON(c *call, sha string, s status) object {
	full := statusJSON(c, sha, s)
	full["creator"] = userJSON(c, c.server.options.Login, "User")
	return full
}

// statusesOf returns the statuses of a commit, newest first.
func statusesOf(c *call, ref string) (sha string, list []status, err error) {
	commit, err := c.commit(c.repo, ref)
	if err != nil {
		return "", nil, c.missing(err)
	}
	c.repo.mu.Lock()
	defer c.repo.mu.Unlock()
	return commit.OID, slices.Clone(c.repo.statuses[commit.OID]), nil
}

func listStatuses(c *call, ref string) (reply, error) {
	sha, list, err := statusesOf(c, ref)
	if err != nil {
		return reply{}, err
	}
	return paged(c, list, func(s status) (object, error) { return fullStatusJSON(c, sha, s), nil })
}

// combinedStatus is the newest status of each context, and what they amount to:
// https://docs.github.com/rest/commits/statuses#get-the-combined-status-for-a-specific-reference.
func combinedStatus(c *call, ref string) (reply, error) {
	sha, list, err := statusesOf(c, ref)
	if err != nil {
		return reply{}, err
	}
	state, seen, latest := "success", map[string]bool{}, []object{}
	for _, s := range list {
		if seen[s.context] {
			continue
		}
		seen[s.context] = true
		latest = append(latest, statusJSON(c, sha, s))
		switch {
		case s.state == "error" || s.state == "failure":
			state = "failure"
		case s.state == "pending" && state == "success":
			state = "pending"
		}
	}
	if len(latest) == 0 {
		state = "pending"
	}
	return respond(http.StatusOK, object{
		"state": state, "statuses": latest, "sha": sha, "total_count": len(latest), "repository": minimalRepositoryJSON(c),
		"commit_url": c.api("/commits/%s", sha), "url": c.api("/commits/%s/status", sha),
	})
}
