package proposal

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/diagnosis"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

const autoMergeMutation = `mutation AutoMerge($input: EnablePullRequestAutoMergeInput!) {
  enablePullRequestAutoMerge(input: $input) { clientMutationId }
}`

// autoMerge lets GitHub merge when the branch's rules are met. Where there is nothing to wait for, GitHub refuses that, and
// the pull request is merged at once: merged is the commit then. The rules decide in both cases.
// https://docs.github.com/en/graphql/reference/pulls#mutation-enablepullrequestautomerge
func (p Proposer) autoMerge(
	ctx context.Context, pr proposal, pull *gogithub.PullRequest, head commitid.ID,
) (merged commitid.ID, err error) {
	if pull.GetAutoMerge() != nil {
		return "", nil
	}
	var answer struct{}
	err = p.Store.GitHub(pr.draft.Snapshot).Mutate(ctx, autoMergeMutation, map[string]any{"input": map[string]any{
		"pullRequestId":   pull.GetNodeID(),
		"mergeMethod":     strings.ToUpper(string(pr.bump.Deployment.PullRequest.MergeMethod)),
		"expectedHeadOid": head,
	}}, &answer)
	if err == nil {
		return "", nil
	}
	switch text := err.Error(); {
	case strings.Contains(strings.ToLower(text), "head"), strings.Contains(text, "unknown status"):
		return "", repo.ErrStale // GitHub takes a moment to see what was pushed
	case strings.Contains(text, "clean status"), strings.Contains(text, "unstable status"), strings.Contains(text, "rules not configured"):
		return p.mergePull(ctx, pr, pull, head)
	case strings.Contains(text, "not allowed for this repository"):
		return "", problem.New(problem.Refused,
			"let the repository allow it (Settings, General, Allow auto-merge), or remove `autoMerge` from deploy.pullRequest in "+
				"astrago.yaml",
			"enabling auto-merge of %s: the repository does not allow it: %w", pull.GetHTMLURL(), err)
	}
	return "", keepUncertain(err, pr, fmt.Sprintf("enabling auto-merge of pull request #%d of", pull.GetNumber()))
}

// mergePull merges with the same message that a direct commit has, so that its trailers are found in the base.
// https://docs.github.com/en/rest/pulls/pulls#merge-a-pull-request
func (p Proposer) mergePull(ctx context.Context, pr proposal, pull *gogithub.PullRequest, head commitid.ID) (commitid.ID, error) {
	owner, name := github.SplitRepository(pr.draft.Snapshot.Repository)
	client := p.Store.GitHub(pr.draft.Snapshot)
	done, res, err := client.REST().PullRequests.Merge(ctx, owner, name, pull.GetNumber(), pr.message.Body, &gogithub.PullRequestOptions{
		CommitTitle: pr.message.Headline, SHA: string(head), MergeMethod: string(pr.bump.Deployment.PullRequest.MergeMethod),
	})
	err = client.Refusal(res, err)
	refused, isRefusal := errors.AsType[*github.StatusError](err)
	switch {
	case err == nil:
		return commitid.ID(done.GetSHA()), nil
	case isRefusal && (refused.Status == http.StatusConflict || strings.Contains(refused.Text, "Base branch was modified")):
		return "", repo.ErrStale
	case isRefusal && refused.Status == http.StatusMethodNotAllowed:
		return p.whetherMerged(ctx, pr, pull, err)
	}
	return "", diagnosis.Explain(err, pr.bump.Deployment, fmt.Sprintf("merging pull request #%d of", pull.GetNumber()))
}

// whetherMerged distinguishes a merge whose answer was lost, which is refused when it is repeated, from one that is not possible.
func (p Proposer) whetherMerged(ctx context.Context, pr proposal, pull *gogithub.PullRequest, failure error) (commitid.ID, error) {
	owner, name := github.SplitRepository(pr.draft.Snapshot.Repository)
	client := p.Store.GitHub(pr.draft.Snapshot)
	now, res, err := client.REST().PullRequests.Get(ctx, owner, name, pull.GetNumber())
	if err = client.Refusal(res, err); err == nil && now.GetMerged() {
		return commitid.ID(now.GetMergeCommitSHA()), nil
	}
	remedy := "see what it waits for and merge it there: " + pull.GetHTMLURL()
	if rule, found := diagnosis.RuleRemedy(failure); found {
		remedy = rule
	}
	return "", problem.New(problem.Refused, remedy,
		"merging pull request #%d of %s: GitHub does not merge it: %w", pull.GetNumber(), pr.draft.Snapshot.Repository, failure)
}
