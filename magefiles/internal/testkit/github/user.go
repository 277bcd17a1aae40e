package github

import (
	"maps"
	"net/http"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/bare"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/gql"
)

// viewer is the user behind every token, as the author of a commit.
func viewer(s *Server) bare.Person {
	login := s.options.Login
	return bare.Person{Name: login, Email: login + "@users.noreply.github.com", When: s.options.Now()}
}

// webFlow is who commits what is made through GitHub itself.
func webFlow(s *Server) bare.Person {
	return bare.Person{Name: "GitHub", Email: "noreply@github.com", When: s.options.Now()}
}

func userObject(c *call) gql.Object {
	login := c.server.options.Login
	return gql.Object{Type: "User", Fields: gql.Fields{
		"databaseId": gql.Value(1), "email": gql.Value(""), "id": gql.Value("U_1"), "login": gql.Value(login),
		"name": gql.Value(login), "url": gql.Value(webURL + login),
	}}
}

func rateLimitObject(c *call) gql.Object {
	return gql.Object{Type: "RateLimit", Fields: gql.Fields{
		"cost": gql.Value(1), "limit": gql.Value(quota), "nodeCount": gql.Value(1), "used": gql.Value(c.used),
		"remaining": gql.Value(remaining(c.used)), "resetAt": gql.Value(stamp(quotaReset(c.server))),
	}}
}

// getUser answers with GitHub's public-user schema: a fine-grained token without account permissions sees no more.
func getUser(c *call) (reply, error) {
	user := userJSON(c, c.server.options.Login, "User")
	maps.Copy(user, object{
		"user_view_type": "public", "name": c.server.options.Login, "company": nil, "blog": "", "location": nil, "email": nil,
		"hireable": nil, "bio": nil, "public_repos": 0, "public_gists": 0, "followers": 0, "following": 0,
		"created_at": stamp(c.server.options.Now()), "updated_at": stamp(c.server.options.Now()),
	})
	return respond(http.StatusOK, user)
}

// teamJSON is GitHub's team schema.
func teamJSON(c *call, slug string) object {
	api := c.server.URL() + "/organizations/1/team/1"
	return object{
		"id": 1, "node_id": "T_1", "name": slug, "slug": slug, "description": nil, "permission": "push", "privacy": "closed",
		"type": "organization", "organization_id": 1, "parent": nil, "url": api, "members_url": api + "/members{/member}",
		"repositories_url": api + "/repos", "html_url": webURL + "orgs/" + c.repo.owner + "/teams/" + slug,
	}
}

// userJSON is GitHub's simple-user schema.
func userJSON(c *call, login, kind string) object {
	api := c.server.URL() + "/users/" + login
	return object{
		"login": login, "id": 1, "node_id": "U_1", "avatar_url": webURL + login + ".png", "gravatar_id": "",
		"url": api, "html_url": webURL + login, "followers_url": api + "/followers",
		"following_url": api + "/following{/other_user}", "gists_url": api + "/gists{/gist_id}",
		"starred_url": api + "/starred{/owner}{/repo}", "subscriptions_url": api + "/subscriptions",
		"organizations_url": api + "/orgs", "repos_url": api + "/repos", "events_url": api + "/events{/privacy}",
		"received_events_url": api + "/received_events", "type": kind, "site_admin": false,
	}
}

func getRateLimit(c *call) (reply, error) {
	rate := object{"limit": quota, "used": c.used, "remaining": remaining(c.used), "reset": quotaReset(c.server).Unix()}
	return respond(http.StatusOK, object{
		"resources": object{"core": rate, "graphql": rate, "search": rate}, "rate": rate,
	})
}
