package rest

import (
	"net/http"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

// teamJSON is GitHub's team schema.
func teamJSON(c *github.Call, slug string) object {
	api := c.Server.URL() + "/organizations/1/team/1"
	return object{
		"id": 1, "node_id": "T_1", "name": slug, "slug": slug, "description": nil, "permission": "push", "privacy": "closed",
		"type": "organization", "organization_id": 1, "parent": nil, "url": api, "members_url": api + "/members{/member}",
		"repositories_url": api + "/repos", "html_url": github.WebURL + "orgs/" + c.Repository.Owner + "/teams/" + slug,
	}
}

// userJSON is GitHub's simple-user schema.
func userJSON(c *github.Call, login, kind string) object {
	api := c.Server.URL() + "/users/" + login
	return object{
		"login": login, "id": 1, "node_id": "U_1", "avatar_url": github.WebURL + login + ".png", "gravatar_id": "",
		"url": api, "html_url": github.WebURL + login, "followers_url": api + "/followers",
		"following_url": api + "/following{/other_user}", "gists_url": api + "/gists{/gist_id}",
		"starred_url": api + "/starred{/owner}{/repo}", "subscriptions_url": api + "/subscriptions",
		"organizations_url": api + "/orgs", "repos_url": api + "/repos", "events_url": api + "/events{/privacy}",
		"received_events_url": api + "/received_events", "type": kind, "site_admin": false,
	}
}

func getRateLimit(c *github.Call) (*github.Response, error) {
	q := c.Quota()
	rate := object{"limit": q.Limit, "used": q.Used, "remaining": q.Remaining, "reset": q.Reset.Unix()}
	return github.Respond(http.StatusOK, object{
		"resources": object{"core": rate, "graphql": rate, "search": rate}, "rate": rate,
	})
}
