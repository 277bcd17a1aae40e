package github

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/bare"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/gql"
)

// updateRefs is the mutation of that name: several references in one transaction of git, each with a compare-and-swap of
// its own if asked for. The texts of its refusals are not published; clients must not depend on these.
// https://docs.github.com/graphql/reference/git#mutation-updaterefs
func (c *call) updateRefs(ctx context.Context, args gql.Args) (any, error) {
	input := args.Object("input")
	r, p, err := repositoryOfID(c, input.Text("repositoryId"))
	if err != nil {
		return nil, err
	}
	if !p.allow(permission{"contents", Write}) {
		return nil, &gql.Fault{
			Type: "FORBIDDEN", Message: "Resource not accessible by personal access token",
			Extensions: map[string]any{"saml_failure": false},
		}
	}
	list, _ := input.List("refUpdates")
	moves := make([]bare.Movement, len(list))
	for i, update := range list {
		if moves[i], err = refMovement(ctx, c, r, update); err != nil {
			return nil, err
		}
	}
	if err := r.git.MoveAll(ctx, moves); err != nil {
		return nil, &gql.Fault{Type: "UNPROCESSABLE", Message: "Reference update failed"}
	}
	return gql.Object{Type: "UpdateRefsPayload", Fields: gql.Fields{"clientMutationId": gql.Value(input["clientMutationId"])}}, nil
}

// refMovement checks one update and fixes what it moves from.
func refMovement(ctx context.Context, c *call, r *repository, update gql.Args) (bare.Movement, error) {
	name, to := update.Text("name"), update.Text("afterOid")
	from, err := resolveRef(c, r, name)
	if errors.Is(err, bare.ErrMissing) {
		from, err = bare.Zero, nil
	}
	if err != nil {
		return bare.Movement{}, err
	}
	if before := update.Text("beforeOid"); before != "" && before != from {
		return bare.Movement{}, &gql.Fault{
			Type:    "UNPROCESSABLE",
			Message: fmt.Sprintf("Reference %s is at %s but expected %s", name, from, before),
		}
	}
	force, _ := update["force"].(bool)
	if from != bare.Zero && to != bare.Zero && !force {
		if forward, err := r.git.IsAncestor(ctx, from, to); err != nil || !forward {
			return bare.Movement{}, &gql.Fault{Type: "UNPROCESSABLE", Message: "Update is not a fast forward"}
		}
	}
	if text, form := r.violation(trimRef(name, "heads"), r.messageOf(to)); form != Unprotected {
		return bare.Movement{}, &gql.Fault{Type: "UNPROCESSABLE", Message: text}
	}
	return bare.Movement{Name: name, From: from, To: to}, nil
}

// repositoryOfID finds a repository that the token may see by its node id.
func repositoryOfID(c *call, id string) (*repository, Permissions, error) {
	c.server.mu.Lock()
	var names []string
	for name, r := range c.server.repositories {
		if r.nodeID() == id {
			names = append(names, name)
		}
	}
	c.server.mu.Unlock()
	for _, name := range slices.Sorted(slices.Values(names)) {
		return visibleRepository(c, name)
	}
	return nil, Permissions{}, unresolved(id)
}

func unresolved(id string) error {
	return &gql.Fault{Type: "NOT_FOUND", Message: fmt.Sprintf("Could not resolve to a node with the global id of '%s'", id)}
}
