package graph

import (
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/gql"
)

func userObject(c *github.Call) gql.Object {
	login := c.Login()
	return gql.Object{Type: "User", Fields: gql.Fields{
		"databaseId": gql.Value(1), "email": gql.Value(""), "id": gql.Value("U_1"), "login": gql.Value(login),
		"name": gql.Value(login), "url": gql.Value(github.WebURL + login),
	}}
}

func rateLimitObject(c *github.Call) gql.Object {
	q := c.Quota()
	return gql.Object{Type: "RateLimit", Fields: gql.Fields{
		"cost": gql.Value(1), "limit": gql.Value(q.Limit), "nodeCount": gql.Value(1), "used": gql.Value(q.Used),
		"remaining": gql.Value(q.Remaining), "resetAt": gql.Value(github.Stamp(q.Reset)),
	}}
}
