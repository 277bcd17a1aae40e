package graph

import (
	"context"
	"strconv"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/gql"
)

// enableAutoMerge is the mutation enablePullRequestAutoMerge, which GitHub refuses where there is nothing to wait for.
// https://docs.github.com/graphql/reference/pulls#mutation-enablepullrequestautomerge
func enableAutoMerge(ctx context.Context, c *github.Call, args gql.Args) (any, error) {
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
	if !p.Allows("pull_requests", github.Write) || !p.Allows("contents", github.Write) {
		return nil, &gql.Fault{Type: "FORBIDDEN", Message: c.Inaccessible()}
	}
	if err := mayAutoMerge(ctx, c, r, number, input); err != nil {
		return nil, err
	}
	r.Lock()
	defer r.Unlock()
	r.Pulls[number-1].AutoMerge = strings.ToLower(input.Text("mergeMethod"))
	return gql.Object{Type: "EnablePullRequestAutoMergePayload", Fields: gql.Fields{
		"clientMutationId": gql.Value(input["clientMutationId"]),
	}}, nil
}

func mayAutoMerge(ctx context.Context, c *github.Call, r *github.Repository, number int, input gql.Args) error {
	r.Lock()
	if number < 1 || number > len(r.Pulls) {
		r.Unlock()
		return unresolved(input.Text("pullRequestId"))
	}
	err := r.Refresh(r.Pulls[number-1], c.Now())
	p := *r.Pulls[number-1]
	r.Unlock()
	if err != nil {
		return err
	}
	_, state, err := r.MergeState(ctx, p)
	if err != nil {
		return err
	}
	_, allowed := r.Rules()
	refuse := func(text string) error { return &gql.Fault{Type: "UNPROCESSABLE", Message: text} }
	switch expected := input.Text("expectedHeadOid"); {
	case !allowed:
		return refuse("Pull request Auto merge is not allowed for this repository")
	case !p.Closed.IsZero():
		return refuse("Pull request is closed")
	case expected != "" && expected != p.HeadSHA:
		return refuse("Expected head OID does not match the current head of the pull request")
	case state == "clean" || state == "unstable":
		return refuse("Pull request Pull request is in " + state + " status")
	}
	return nil
}
