package github

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// deploymentStatus is one of the states that a deployment has gone through.
type deploymentStatus struct {
	id                                              int
	state, description, environment, environmentURL string
	logURL                                          string
}

// deploymentStates are what REST takes, with the DeploymentState of GraphQL that a deployment then has.
var deploymentStates = map[string]string{
	"error": "ERROR", "failure": "FAILURE", "inactive": "INACTIVE", "in_progress": "IN_PROGRESS", "queued": "QUEUED",
	"pending": "PENDING", "success": "ACTIVE",
}

// createDeploymentStatus moves a deployment on. A success makes the earlier ones of its environment inactive, unless
// auto_inactive is false: https://docs.github.com/rest/deployments/statuses#create-a-deployment-status.
func createDeploymentStatus(c *call) (reply, error) {
	var in struct {
		State          string `json:"state"`
		TargetURL      string `json:"target_url"`
		LogURL         string `json:"log_url"`
		Description    string `json:"description"`
		Environment    string `json:"environment"`
		EnvironmentURL string `json:"environment_url"`
		AutoInactive   *bool  `json:"auto_inactive"`
	}
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	c.repo.mu.Lock()
	defer c.repo.mu.Unlock()
	d, err := pathDeployment(c)
	if err != nil {
		return reply{}, err
	}
	state, known := deploymentStates[in.State]
	switch {
	case !known:
		return reply{}, invalid(c.docs(), "DeploymentStatus", "state", "custom", "state is not included in the list")
	case utf8.RuneCountInString(in.Description) > 140:
		return reply{}, invalid(c.docs(), "DeploymentStatus", "description", "custom",
			"description is too long (maximum is 140 characters)")
	}
	if in.Environment != "" {
		d.environment = in.Environment
	}
	s := deploymentStatus{len(d.history) + 1, in.State, in.Description, d.environment, in.EnvironmentURL, in.LogURL}
	d.history, d.state = append([]deploymentStatus{s}, d.history...), state
	if in.State == "success" && (in.AutoInactive == nil || *in.AutoInactive) {
		c.repo.retire(d)
	}
	return respond(http.StatusCreated, deploymentStatusJSON(c, *d, s))
}

// retire makes what an environment had before inactive; transient and production environments are left alone.
func (r *repository) retire(newest *deployed) {
	for i := range r.deployed {
		d := &r.deployed[i]
		if d.id < newest.id && d.environment == newest.environment && d.state == "ACTIVE" && !d.transient && !d.production {
			d.state = "INACTIVE"
			d.history = append([]deploymentStatus{{
				id: len(d.history) + 1, state: "inactive", environment: d.environment,
				logURL: d.history[0].logURL,
			}}, d.history...)
		}
	}
}

func listDeploymentStatuses(c *call) (reply, error) {
	c.repo.mu.Lock()
	d, err := pathDeployment(c)
	if err != nil {
		c.repo.mu.Unlock()
		return reply{}, err
	}
	of, list := *d, slices.Clone(d.history)
	c.repo.mu.Unlock()
	return paged(c, list, func(s deploymentStatus) (object, error) { return deploymentStatusJSON(c, of, s), nil })
}

func deploymentStatusJSON(c *call, d deployed, s deploymentStatus) object {
	self, now := c.api("/deployments/%d", d.id), stamp(c.server.options.Now())
	answer := object{
		"url": self + "/statuses/" + strconv.Itoa(s.id), "id": s.id, "node_id": "DES_" +
			strconv.Itoa(s.id), "state": strings.ToLower(s.state),
		"creator": userJSON(c, c.server.options.Login, "User"), "description": s.description, "environment": s.environment,
		"created_at": now, "updated_at": now, "deployment_url": self, "repository_url": c.api(""),
	}
	for field, address := range map[string]string{"target_url": s.logURL, "log_url": s.logURL, "environment_url": s.environmentURL} {
		if address != "" {
			answer[field] = address
		}
	}
	return answer
}
