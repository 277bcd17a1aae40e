package proposal

import (
	"context"
	"fmt"
	"slices"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
)

// ensurePull finds the open pull request or opens one, with the proposal's title and text.
func (p Proposer) ensurePull(ctx context.Context, pr proposal) (*gogithub.PullRequest, error) {
	base := pr.draft.Snapshot
	client := p.Store.GitHub(base)
	owner, name := github.SplitRepository(base.Repository)
	title, body := pr.message.Headline, pr.body()
	pull := pr.pending.pull
	if pull == nil {
		created, res, err := client.REST().PullRequests.Create(ctx, owner, name, &gogithub.NewPullRequest{
			Title: &title, Body: &body, Head: &pr.pending.branch, Base: &base.Branch, MaintainerCanModify: new(false),
		})
		err = client.Refusal(res, err)
		if !alreadyExists(err) {
			return created, explainFailure(err, pr, "opening a pull request to")
		}
		if pull, err = p.openPull(ctx, base, pr.pending.branch); err != nil {
			return nil, err
		}
		if pull == nil {
			return nil, fmt.Errorf("opening a pull request to %s: %w: it says that one exists, and lists none",
				base.Repository, repo.ErrUncertain)
		}
	}
	if pull.GetTitle() == title && pull.GetBody() == body {
		return pull, nil
	}
	change := &gogithub.PullRequest{Title: &title, Body: &body}
	edited, res, err := client.REST().PullRequests.Edit(ctx, owner, name, pull.GetNumber(), change)
	return edited, explainFailure(client.Refusal(res, err), pr, fmt.Sprintf("updating pull request #%d of", pull.GetNumber()))
}

func (p Proposer) addLabels(ctx context.Context, pr proposal, pull *gogithub.PullRequest) error {
	missing := slices.DeleteFunc(slices.Clone(pr.bump.Deployment.PullRequest.Labels), func(want string) bool {
		return slices.ContainsFunc(pull.Labels, func(l *gogithub.Label) bool { return l.GetName() == want })
	})
	if len(missing) == 0 {
		return nil
	}
	owner, name := github.SplitRepository(pr.draft.Snapshot.Repository)
	client := p.Store.GitHub(pr.draft.Snapshot)
	_, res, err := client.REST().Issues.AddLabelsToIssue(ctx, owner, name, pull.GetNumber(), missing)
	return explainFailure(client.Refusal(res, err), pr, fmt.Sprintf("labelling pull request #%d of", pull.GetNumber()))
}
