package rest

import (
	"net/http"
	"strconv"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/apps"
)

func getInstallation(c *github.Call) (*github.Response, error) {
	app, err := c.Signer()
	if err != nil {
		return nil, err
	}
	in, err := c.Server.Apps().Find(app, c.Param("owner")+"/"+c.Param("repo"))
	if err != nil {
		return nil, err
	}
	return github.Respond(http.StatusOK, installationJSON(c, in))
}

// installationJSON is GitHub's installation schema.
func installationJSON(c *github.Call, in apps.Installation) object {
	id, created := strconv.FormatInt(in.ID, 10), github.Stamp(c.Now())
	api := c.Server.URL() + "/app/installations/" + id
	answer := object{
		"id": in.ID, "account": userJSON(c, in.Account, "Organization"), "app_id": in.App.ID, "app_slug": in.App.Slug,
		"target_id": 1, "target_type": "Organization", "single_file_name": nil, "repository_selection": "selected",
		"access_tokens_url": api + "/access_tokens",
		"html_url":          github.WebURL + "organizations/" + in.Account + "/settings/installations/" + id, "events": []string{},
		"repositories_url": c.Server.URL() + "/installation/repositories", "permissions": in.Permissions,
		"created_at": created, "updated_at": created, "suspended_by": nil, "suspended_at": nil,
	}
	if in.Suspended {
		answer["suspended_by"], answer["suspended_at"] = userJSON(c, "owner", "User"), created
	}
	return answer
}

func createInstallationToken(c *github.Call) (*github.Response, error) {
	app, err := c.Signer()
	if err != nil {
		return nil, err
	}
	var in apps.Request
	if len(c.Body) > 0 {
		if err := c.Decode(&in); err != nil {
			return nil, err
		}
	}
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return nil, c.NotFound()
	}
	token, err := c.Server.Apps().Issue(app, id, in)
	if err != nil {
		return nil, err
	}
	return github.Respond(http.StatusCreated, object{
		"token": token.Text, "expires_at": github.Stamp(token.Expires), "permissions": token.Permissions,
		"repository_selection": "selected",
	})
}
