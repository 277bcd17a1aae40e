package graph

import (
	"fmt"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/gql"
)

// environmentDeployments is Repository.deployments in the order of their creation.
// https://docs.github.com/graphql/reference/deployments
func environmentDeployments(c *github.Call, r *github.Repository, p github.Permissions, args gql.Args) (any, error) {
	if !p.Allows("deployments", github.Read) {
		return nil, &gql.Fault{Type: "FORBIDDEN", Message: c.Inaccessible()}
	}
	first, err := pageSize("deployments", args)
	if err != nil {
		return nil, err
	}
	r.Lock()
	list := slices.Clone(r.Deployed)
	r.Unlock()
	if names, ok := args["environments"].([]any); ok {
		list = slices.DeleteFunc(list, func(d github.Deployed) bool { return !slices.Contains(names, any(d.Environment)) })
	}
	if args.Object("orderBy").Text("direction") == "DESC" {
		slices.Reverse(list)
	}
	nodes := make([]any, 0, first)
	for n, d := range list[:min(first, len(list))] {
		nodes = append(nodes, gql.Object{Type: "Deployment", Fields: gql.Fields{
			"createdAt": gql.Value(github.Stamp(d.Created)), "environment": gql.Value(d.Environment),
			"id": gql.Value(fmt.Sprintf("DE_%d_%s_%d", r.ID, d.Environment, n)), "state": gql.Value(d.State),
		}})
	}
	return gql.Object{Type: "DeploymentConnection", Fields: gql.Fields{
		"nodes": gql.Value(nodes), "totalCount": gql.Value(len(list)),
	}}, nil
}
