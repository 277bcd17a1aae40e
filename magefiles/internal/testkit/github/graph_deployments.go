package github

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/gql"
)

// deployed is a deployment: GitHub records one for a job that names an environment, and others ask for one.
type deployed struct {
	environment, state string // a DeploymentState of GraphQL
	created            time.Time

	// Of those that were asked for through REST:
	id                          int
	sha, ref, task, description string
	payload                     json.RawMessage
	transient, production       bool
	history                     []deploymentStatus // newest first
}

// Deploy records a deployment with a DeploymentState of GraphQL, e.g. FAILURE, as a workflow's job with that environment
// leaves it.
func (s *Server) Deploy(repository, environment, state string) error {
	r, ok := s.find(repository)
	if !ok {
		return fmt.Errorf("recording a deployment: no repository %q", repository)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.deployed = append(r.deployed, deployed{environment: environment, state: state, created: s.options.Now(), id: len(r.deployed) + 1})
	return nil
}

// environmentDeployments is Repository.deployments in the order of their creation.
// https://docs.github.com/graphql/reference/deployments
func environmentDeployments(r *repository, p Permissions, args gql.Args) (any, error) {
	if !p.allow(permission{"deployments", Read}) {
		return nil, &gql.Fault{Type: "FORBIDDEN", Message: "Resource not accessible by personal access token"}
	}
	first, err := pageSize("deployments", args)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	list := slices.Clone(r.deployed)
	r.mu.Unlock()
	if names, ok := args["environments"].([]any); ok {
		list = slices.DeleteFunc(list, func(d deployed) bool { return !slices.Contains(names, any(d.environment)) })
	}
	if args.Object("orderBy").Text("direction") == "DESC" {
		slices.Reverse(list)
	}
	nodes := make([]any, 0, first)
	for n, d := range list[:min(first, len(list))] {
		nodes = append(nodes, gql.Object{Type: "Deployment", Fields: gql.Fields{
			"createdAt": gql.Value(stamp(d.created)), "environment": gql.Value(d.environment),
			"id": gql.Value(fmt.Sprintf("DE_%d_%s_%d", r.id, d.environment, n)), "state": gql.Value(d.state),
		}})
	}
	return gql.Object{Type: "DeploymentConnection", Fields: gql.Fields{
		"nodes": gql.Value(nodes), "totalCount": gql.Value(len(list)),
	}}, nil
}
