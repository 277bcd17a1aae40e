// Package graph answers the fields of GraphQL documents for package github.
package graph

import (
	"context"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/gql"
)

// field resolves a field of Query or Mutation.
type field func(context.Context, *github.Call, gql.Args) (any, error)

// Root resolves the fields of Query and Mutation.
func Root(c *github.Call) gql.Object {
	of := func(resolve field) gql.Resolver {
		return func(ctx context.Context, args gql.Args) (any, error) { return resolve(ctx, c, args) }
	}
	if c.Document.Operation.IsMutation() {
		return gql.Object{Type: "Mutation", Fields: gql.Fields{
			"createCommitOnBranch":       of(createCommitOnBranch),
			"enablePullRequestAutoMerge": of(enableAutoMerge),
			"updateRefs":                 of(updateRefs),
		}}
	}
	return gql.Object{Type: "Query", Fields: gql.Fields{
		"id":         gql.Value("Q_1"),
		"repository": of(resolveRepository),
		"viewer":     gql.Value(userObject(c)),
		"rateLimit":  gql.Value(rateLimitObject(c)),
	}}
}
