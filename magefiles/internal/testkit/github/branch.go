package github

import "net/http"

func getBranch(c *call) (reply, error) {
	name := c.param("branch")
	sha, err := c.head(c.repo, name)
	if err != nil {
		return reply{}, refuse(http.StatusNotFound, c.docs(), "Branch not found")
	}
	commit, err := commitJSON(c, sha)
	if err != nil {
		return reply{}, err
	}
	protected := c.repo.protected(name) == BranchRule // a ruleset does not show here
	self := c.api("/branches/%s", name)
	return respond(http.StatusOK, object{
		"name": name, "commit": commit, "_links": object{"self": self, "html": c.web("/tree/%s", name)},
		"protected": protected, "protection_url": self + "/protection",
		"protection": object{
			"enabled":                protected,
			"required_status_checks": object{"enforcement_level": "off", "contexts": []string{}, "checks": []string{}},
		},
	})
}
