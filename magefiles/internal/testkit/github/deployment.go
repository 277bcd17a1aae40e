package github

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
)

// createDeployment records what somebody is about to deploy. GitHub would merge the default branch into the ref where
// auto_merge is not false, which is not served here, and refuses where one of the required contexts, by default all, is
// no success: https://docs.github.com/rest/deployments/deployments#create-a-deployment.
func createDeployment(c *call) (reply, error) {
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
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	if in.AutoMerge == nil || *in.AutoMerge {
		return reply{}, refuse(http.StatusNotImplemented, c.docs(), "No handler for a deployment with auto_merge")
	}
	commit, err := c.commit(c.repo, in.Ref)
	if err != nil || in.Ref == "" {
		return reply{}, unprocessable(c, "No ref found for: "+in.Ref)
	}
	c.repo.mu.Lock()
	defer c.repo.mu.Unlock()
	if in.RequiredContexts == nil && unsuccessful(c.repo.statuses[commit.OID]) {
		return reply{}, refuse(http.StatusConflict, c.docs(), "Conflict: Commit status checks failed for "+in.Ref+".")
	}
	environment := cmp.Or(in.Environment, "production")
	d := deployed{
		environment: environment, state: "PENDING", created: c.server.options.Now(), id: len(c.repo.deployed) + 1,
		sha: commit.OID, ref: in.Ref, task: cmp.Or(in.Task, "deploy"), description: in.Description, payload: in.Payload,
		transient: in.Transient, production: environment == "production",
	}
	if in.Production != nil {
		d.production = *in.Production
	}
	c.repo.deployed = append(c.repo.deployed, d)
	return respond(http.StatusCreated, deploymentJSON(c, d))
}

// unsuccessful reports whether the newest status of a context is no success.
func unsuccessful(list []status) bool {
	seen := map[string]bool{}
	return slices.ContainsFunc(list, func(s status) bool {
		first := !seen[s.context]
		seen[s.context] = true
		return first && s.state != "success"
	})
}

func listDeployments(c *call) (reply, error) {
	c.repo.mu.Lock()
	list := slices.Clone(c.repo.deployed)
	c.repo.mu.Unlock()
	slices.Reverse(list)
	list = slices.DeleteFunc(list, func(d deployed) bool {
		asked := func(name, value string) bool { return cmp.Or(c.query(name), value) != value }
		return asked("sha", d.sha) || asked("ref", d.ref) || asked("task", d.task) || asked("environment", d.environment)
	})
	return paged(c, list, func(d deployed) (object, error) { return deploymentJSON(c, d), nil })
}

// pathDeployment finds the one that the path names, while the repository is locked.
func pathDeployment(c *call) (*deployed, error) {
	number, err := strconv.Atoi(c.param("id"))
	if err != nil || number < 1 || number > len(c.repo.deployed) {
		return nil, notFound(c.docs())
	}
	return &c.repo.deployed[number-1], nil
}

func deploymentJSON(c *call, d deployed) object {
	payload := d.payload
	if payload == nil {
		payload = json.RawMessage("{}")
	}
	self := c.api("/deployments/%d", d.id)
	return object{
		"url": self, "id": d.id, "node_id": "DE_" + strconv.Itoa(d.id), "sha": d.sha, "ref": d.ref, "task": d.task, "payload": payload,
		"original_environment": d.environment, "environment": d.environment, "description": orNull(d.description),
		"creator": userJSON(c, c.server.options.Login, "User"), "created_at": stamp(d.created), "updated_at": stamp(d.created),
		"statuses_url": self +
			"/statuses", "repository_url": c.api(""), "transient_environment": d.transient, "production_environment": d.production,
	}
}
