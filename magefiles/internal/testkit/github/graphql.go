package github

import (
	"net/http"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/gql"
)

// answerGraphQL answers a document. GitHub's status is 200 whatever the document says.
func answerGraphQL(s *Server, c *call) (reply, error) {
	if c.graph.errors != nil {
		reportUnknown(s, c.request)
		return respond(http.StatusOK, object{"errors": c.graph.errors})
	}
	return respond(http.StatusOK, c.graph.operation.Execute(c.ctx, c.root()))
}

// root resolves the fields of Query and Mutation.
func (c *call) root() gql.Object {
	if c.graph.operation.IsMutation() {
		return gql.Object{Type: "Mutation", Fields: gql.Fields{
			"createCommitOnBranch":       c.createCommitOnBranch,
			"enablePullRequestAutoMerge": c.enableAutoMerge,
			"updateRefs":                 c.updateRefs,
		}}
	}
	return gql.Object{Type: "Query", Fields: gql.Fields{
		"id":         gql.Value("Q_1"),
		"repository": c.resolveRepository,
		"viewer":     gql.Value(userObject(c)),
		"rateLimit":  gql.Value(rateLimitObject(c)),
	}}
}
