package rest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

// deploymentStates are the states that REST accepts, with the DeploymentState of GraphQL that a deployment then has.
var deploymentStates = map[string]string{
	"error": "ERROR", "failure": "FAILURE", "inactive": "INACTIVE", "in_progress": "IN_PROGRESS", "queued": "QUEUED",
	"pending": "PENDING", "success": "ACTIVE",
}

// createDeploymentStatus moves a deployment on. A success makes the earlier ones of its environment inactive, unless
// auto_inactive is false: https://docs.github.com/rest/deployments/statuses#create-a-deployment-status.
func createDeploymentStatus(c *github.Call) (*github.Response, error) {
	var in struct {
		State          string `json:"state"`
		TargetURL      string `json:"target_url"`
		LogURL         string `json:"log_url"`
		Description    string `json:"description"`
		Environment    string `json:"environment"`
		EnvironmentURL string `json:"environment_url"`
		AutoInactive   *bool  `json:"auto_inactive"`
	}
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	c.Repository.Lock()
	defer c.Repository.Unlock()
	d, err := pathDeployment(c)
	if err != nil {
		return nil, err
	}
	state, known := deploymentStates[in.State]
	switch {
	case !known:
		return nil, c.Invalid("DeploymentStatus", "state", "custom", "state is not included in the list")
	case utf8.RuneCountInString(in.Description) > 140:
		return nil, c.Invalid("DeploymentStatus", "description", "custom",
			"description is too long (maximum is 140 characters)")
	}
	if in.Environment != "" {
		d.Environment = in.Environment
	}
	s := github.DeploymentStatus{
		ID: len(d.History) + 1, State: in.State, Description: in.Description, Environment: d.Environment,
		EnvironmentURL: in.EnvironmentURL, LogURL: in.LogURL,
	}
	d.History, d.State = append([]github.DeploymentStatus{s}, d.History...), state
	if in.State == "success" && (in.AutoInactive == nil || *in.AutoInactive) {
		retire(c.Repository, d)
	}
	return github.Respond(http.StatusCreated, deploymentStatusJSON(c, *d, s))
}

// retire makes what an environment had before inactive; transient and production environments are left alone.
func retire(r *github.Repository, newest *github.Deployed) {
	for i := range r.Deployed {
		d := &r.Deployed[i]
		if d.ID < newest.ID && d.Environment == newest.Environment && d.State == "ACTIVE" && !d.Transient && !d.Production {
			d.State = "INACTIVE"
			d.History = append([]github.DeploymentStatus{{
				ID: len(d.History) + 1, State: "inactive", Environment: d.Environment,
				LogURL: d.History[0].LogURL,
			}}, d.History...)
		}
	}
}

func listDeploymentStatuses(c *github.Call) (*github.Response, error) {
	c.Repository.Lock()
	d, err := pathDeployment(c)
	if err != nil {
		c.Repository.Unlock()
		return nil, err
	}
	of, list := *d, slices.Clone(d.History)
	c.Repository.Unlock()
	return paged(c, list, func(s github.DeploymentStatus) (object, error) { return deploymentStatusJSON(c, of, s), nil })
}

func deploymentStatusJSON(c *github.Call, d github.Deployed, s github.DeploymentStatus) object {
	self, now := c.API("/deployments/%d", d.ID), github.Stamp(c.Now())
	answer := object{
		"url": self + "/statuses/" + strconv.Itoa(s.ID), "id": s.ID, "node_id": "DES_" +
			strconv.Itoa(s.ID), "state": strings.ToLower(s.State),
		"creator": userJSON(c, c.Login(), "User"), "description": s.Description, "environment": s.Environment,
		"created_at": now, "updated_at": now, "deployment_url": self, "repository_url": c.API(""),
	}
	for field, address := range map[string]string{"target_url": s.LogURL, "log_url": s.LogURL, "environment_url": s.EnvironmentURL} {
		if address != "" {
			answer[field] = address
		}
	}
	return answer
}
