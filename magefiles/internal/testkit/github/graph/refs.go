package graph

import (
	"context"
	"errors"
	"fmt"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/bare"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/gql"
)

// updateRefs is the mutation of that name: several references in one transaction of git, each with a compare-and-swap of
// its own if asked for. The texts of its refusals are not published; clients must not depend on these.
// https://docs.github.com/graphql/reference/git#mutation-updaterefs
func updateRefs(ctx context.Context, c *github.Call, args gql.Args) (any, error) {
	input := args.Object("input")
	r, p, err := repositoryOfID(c, input.Text("repositoryId"))
	if err != nil {
		return nil, err
	}
	if !p.Allows("contents", github.Write) {
		return nil, &gql.Fault{
			Type: "FORBIDDEN", Message: c.Inaccessible(),
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
	if err := r.Git.MoveAll(ctx, moves); err != nil {
		return nil, &gql.Fault{Type: "UNPROCESSABLE", Message: "Reference update failed"}
	}
	return gql.Object{Type: "UpdateRefsPayload", Fields: gql.Fields{"clientMutationId": gql.Value(input["clientMutationId"])}}, nil
}

// refMovement checks one update and fixes what it moves from.
func refMovement(ctx context.Context, c *github.Call, r *github.Repository, update gql.Args) (bare.Movement, error) {
	name, to := update.Text("name"), update.Text("afterOid")
	from, err := github.ResolveRef(c, r, name)
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
		if forward, err := r.Git.IsAncestor(ctx, from, to); err != nil || !forward {
			return bare.Movement{}, &gql.Fault{Type: "UNPROCESSABLE", Message: "Update is not a fast forward"}
		}
	}
	if text, form := r.Violation(github.TrimRef(name, "heads"), r.MessageOf(to)); form != github.Unprotected {
		return bare.Movement{}, &gql.Fault{Type: "UNPROCESSABLE", Message: text}
	}
	return bare.Movement{Name: name, From: from, To: to}, nil
}

// repositoryOfID finds a repository that the token may see by its node id.
func repositoryOfID(c *github.Call, id string) (*github.Repository, github.Permissions, error) {
	if r, p, visible := c.VisibleByID(id); visible {
		return r, p, nil
	}
	return nil, github.Permissions{}, unresolved(id)
}

func unresolved(id string) error {
	return &gql.Fault{Type: "NOT_FOUND", Message: fmt.Sprintf("Could not resolve to a node with the global id of '%s'", id)}
}
