package rest

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

// createDeployment records an upcoming deployment. GitHub would merge the default branch into the ref where auto_merge is not false, which
// is not served here, and refuses where one of the required contexts, by default all, is no success:
// https://docs.github.com/rest/deployments/deployments#create-a-deployment.
func createDeployment(c *github.Call) (*github.Response, error) {
	in := struct {
		Ref              string          `json:"ref"`
		Task             string          `json:"task"`
		AutoMerge        *bool           `json:"auto_merge"`
		RequiredContexts *[]string       `json:"required_contexts"`
		Payload          json.RawMessage `json:"payload"`
		Environment      string          `json:"environment"`
		Description      string          `json:"description"`
		Transient        bool            `json:"transient_environment"`
		Production       *bool           `json:"production_environment"`
	}{}
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	if in.AutoMerge == nil || *in.AutoMerge {
		return nil, c.Refuse(http.StatusNotImplemented, "No handler for a deployment with auto_merge")
	}
	commit, err := c.Commit(c.Repository, in.Ref)
	if err != nil || in.Ref == "" {
		return nil, c.Unprocessable("No ref found for: " + in.Ref)
	}
	c.Repository.Lock()
	defer c.Repository.Unlock()
	if in.RequiredContexts == nil && unsuccessful(c.Repository.Statuses[commit.OID]) {
		return nil, c.Refuse(http.StatusConflict, "Conflict: Commit status checks failed for "+in.Ref+".")
	}
	environment := cmp.Or(in.Environment, "production")
	d := github.Deployed{
		Environment: environment, State: "PENDING", Created: c.Now(), ID: len(c.Repository.Deployed) + 1,
		SHA: commit.OID, Ref: in.Ref, Task: cmp.Or(in.Task, "deploy"), Description: in.Description, Payload: in.Payload,
		Transient: in.Transient, Production: environment == "production",
	}
	if in.Production != nil {
		d.Production = *in.Production
	}
	c.Repository.Deployed = append(c.Repository.Deployed, d)
	return github.Respond(http.StatusCreated, deploymentJSON(c, d))
}

// unsuccessful reports whether the newest status of a context is no success.
func unsuccessful(list []github.Status) bool {
	seen := map[string]bool{}
	return slices.ContainsFunc(list, func(s github.Status) bool {
		first := !seen[s.Context]
		seen[s.Context] = true
		return first && s.State != "success"
	})
}

func listDeployments(c *github.Call) (*github.Response, error) {
	c.Repository.Lock()
	list := slices.Clone(c.Repository.Deployed)
	c.Repository.Unlock()
	slices.Reverse(list)
	list = slices.DeleteFunc(list, func(d github.Deployed) bool {
		asked := func(name, value string) bool { return cmp.Or(c.Query(name), value) != value }
		return asked("sha", d.SHA) || asked("ref", d.Ref) || asked("task", d.Task) || asked("environment", d.Environment)
	})
	return paged(c, list, func(d github.Deployed) (object, error) { return deploymentJSON(c, d), nil })
}

// pathDeployment finds the one that the path names, while the repository is locked.
func pathDeployment(c *github.Call) (*github.Deployed, error) {
	number, err := strconv.Atoi(c.Param("id"))
	if err != nil || number < 1 || number > len(c.Repository.Deployed) {
		return nil, c.NotFound()
	}
	return &c.Repository.Deployed[number-1], nil
}

func deploymentJSON(c *github.Call, d github.Deployed) object {
	payload := d.Payload
	if payload == nil {
		payload = json.RawMessage("{}")
	}
	self := c.API("/deployments/%d", d.ID)
	return object{
		"url": self, "id": d.ID, "node_id": "DE_" + strconv.Itoa(d.ID), "sha": d.SHA, "ref": d.Ref, "task": d.Task, "payload": payload,
		"original_environment": d.Environment, "environment": d.Environment, "description": orNull(d.Description),
		"creator": userJSON(c, c.Login(), "User"), "created_at": github.Stamp(d.Created), "updated_at": github.Stamp(d.Created),
		"statuses_url": self +
			"/statuses", "repository_url": c.API(""), "transient_environment": d.Transient, "production_environment": d.Production,
	}
}
