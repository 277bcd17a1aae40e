package deployment

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

const autoMergeMutation = `mutation AutoMerge($input: EnablePullRequestAutoMergeInput!) {
  enablePullRequestAutoMerge(input: $input) { clientMutationId }
}`

// autoMerge lets GitHub merge when the branch's rules are met. Where there is nothing to wait for, GitHub refuses that, and
// the pull request is merged at once: merged is the commit then. The rules decide in both cases.
// https://docs.github.com/en/graphql/reference/pulls#mutation-enablepullrequestautomerge
func (c *Client) autoMerge(ctx context.Context, p proposal, pull *gogithub.PullRequest, head string) (merged string, err error) {
	if pull.GetAutoMerge() != nil {
		return "", nil
	}
	var answer struct{}
	err = c.graphql.mutate(ctx, autoMergeMutation, map[string]any{"input": map[string]any{
		"pullRequestId":   pull.GetNodeID(),
		"mergeMethod":     strings.ToUpper(string(p.Deployment.PullRequest.MergeMethod)),
		"expectedHeadOid": head,
	}}, &answer)
	if err == nil {
		return "", nil
	}
	switch text := err.Error(); {
	case strings.Contains(strings.ToLower(text), "head"), strings.Contains(text, "unknown status"):
		return "", errStale // GitHub takes a moment to see what was pushed
	case strings.Contains(text, "clean status"), strings.Contains(text, "unstable status"), strings.Contains(text, "rules not configured"):
		return c.merge(ctx, p, pull, head)
	case strings.Contains(text, "not allowed for this repository"):
		return "", problem.New(problem.Refused,
			"let the repository allow it (Settings, General, Allow auto-merge), or remove `autoMerge` from deploy.pullRequest in astrago.yaml",
			"enabling auto-merge of %s: the repository does not allow it: %w", pull.GetHTMLURL(), err)
	}
	return "", uncertain(err, p, fmt.Sprintf("enabling auto-merge of pull request #%d of", pull.GetNumber()))
}

// merge gives the base the same message that a direct commit has, so that its trailers are found there.
// https://docs.github.com/en/rest/pulls/pulls#merge-a-pull-request
func (c *Client) merge(ctx context.Context, p proposal, pull *gogithub.PullRequest, head string) (string, error) {
	owner, name := split(p.draft.Snapshot.Repository)
	done, res, err := c.rest.client().PullRequests.Merge(ctx, owner, name, pull.GetNumber(), p.message.body, &gogithub.PullRequestOptions{
		CommitTitle: p.message.headline, SHA: head, MergeMethod: string(p.Deployment.PullRequest.MergeMethod),
	})
	err = c.rest.refusal(res, err)
	refused, isRefusal := errors.AsType[*statusError](err)
	switch {
	case err == nil:
		return done.GetSHA(), nil
	case isRefusal && (refused.status == http.StatusConflict || strings.Contains(refused.text, "Base branch was modified")):
		return "", errStale
	case isRefusal && refused.status == http.StatusMethodNotAllowed:
		return c.whetherMerged(ctx, p, pull, err)
	}
	return "", diagnose(err, p.Deployment, fmt.Sprintf("merging pull request #%d of", pull.GetNumber()))
}

// whetherMerged tells a merge whose answer was lost, which is refused when it is repeated, from one that is not possible.
func (c *Client) whetherMerged(ctx context.Context, p proposal, pull *gogithub.PullRequest, failure error) (string, error) {
	owner, name := split(p.draft.Snapshot.Repository)
	now, res, err := c.rest.client().PullRequests.Get(ctx, owner, name, pull.GetNumber())
	if err = c.rest.refusal(res, err); err == nil && now.GetMerged() {
		return now.GetMergeCommitSHA(), nil
	}
	remedy := "see what it waits for and merge it there: " + pull.GetHTMLURL()
	if rule, found := policyOf(rulePolicies, failure.Error()); found {
		remedy = rule.remedy
	}
	return "", problem.New(problem.Refused, remedy,
		"merging pull request #%d of %s: GitHub does not merge it: %w", pull.GetNumber(), p.draft.Snapshot.Repository, failure)
}
