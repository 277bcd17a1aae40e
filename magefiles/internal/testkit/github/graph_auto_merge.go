package github

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/gql"
)

// Merging says what the rules of a repository ask for before a pull request is merged.
type Merging struct {
	NoAutoMerge bool // "Allow auto-merge" of the settings is off, as it is in a new repository
	Review      bool // an approving review, which nobody here gives: pull requests stay blocked
	Checks      bool // checks that are not required have not succeeded: pull requests are unstable
}

// SetMerging sets the rules of a repository (owner/name).
func (s *Server) SetMerging(repository string, m Merging) error {
	r, ok := s.find(repository)
	if !ok {
		return fmt.Errorf("setting the rules for merging: no repository %q", repository)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.merging = m
	return nil
}

// rules returns how a pull request that git can merge stands, and whether auto-merge is allowed.
func (r *repository) rules() (state string, autoMerge bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.merging.Review:
		state = "blocked"
	case r.merging.Checks:
		state = "unstable"
	default:
		state = "clean"
	}
	return state, !r.merging.NoAutoMerge
}

// enableAutoMerge is the mutation enablePullRequestAutoMerge, which GitHub refuses where there is nothing to wait for.
// https://docs.github.com/graphql/reference/pulls#mutation-enablepullrequestautomerge
func (c *call) enableAutoMerge(ctx context.Context, args gql.Args) (any, error) {
	input := args.Object("input")
	id := input.Text("pullRequestId")
	repositoryID, text, _ := strings.Cut(strings.TrimPrefix(id, "PR_"), "_")
	number, err := strconv.Atoi(text)
	if err != nil {
		return nil, unresolved(id)
	}
	r, p, err := repositoryOfID(c, "R_"+repositoryID)
	if err != nil {
		return nil, err
	}
	if !p.allow(permission{"pull_requests", Write}) || !p.allow(permission{"contents", Write}) {
		return nil, &gql.Fault{Type: "FORBIDDEN", Message: "Resource not accessible by personal access token"}
	}
	if err := mayAutoMerge(ctx, c, r, number, input); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pulls[number-1].autoMerge = strings.ToLower(input.Text("mergeMethod"))
	return gql.Object{Type: "EnablePullRequestAutoMergePayload", Fields: gql.Fields{
		"clientMutationId": gql.Value(input["clientMutationId"]),
	}}, nil
}

func mayAutoMerge(ctx context.Context, c *call, r *repository, number int, input gql.Args) error {
	r.mu.Lock()
	if number < 1 || number > len(r.pulls) {
		r.mu.Unlock()
		return unresolved(input.Text("pullRequestId"))
	}
	err := r.refresh(r.pulls[number-1], c.server.options.Now())
	p := *r.pulls[number-1]
	r.mu.Unlock()
	if err != nil {
		return err
	}
	within := *c // the request names no repository in its path
	within.repo = r
	within.ctx = ctx
	_, state, err := mergeState(&within, p)
	if err != nil {
		return err
	}
	_, allowed := r.rules()
	refuse := func(text string) error { return &gql.Fault{Type: "UNPROCESSABLE", Message: text} }
	switch expected := input.Text("expectedHeadOid"); {
	case !allowed:
		return refuse("Pull request Auto merge is not allowed for this repository")
	case !p.closed.IsZero():
		return refuse("Pull request is closed")
	case expected != "" && expected != p.headSHA:
		return refuse("Expected head OID does not match the current head of the pull request")
	case state == "clean" || state == "unstable":
		return refuse("Pull request Pull request is in " + state + " status")
	}
	return nil
}
