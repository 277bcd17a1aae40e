// Package proposal brings a bump to its branch through a pull request: one commit on a branch of its own, which later bumps of the same
// service and environment take over.
package proposal

import (
	"context"
	"errors"

	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/diagnosis"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/guard"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/message"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
)

// Proposer opens pull requests and brings open ones up to date.
type Proposer struct {
	Store  *repo.Store
	Guards guard.Guards
	Notice func(message string)
}

// proposal is a bump on its way through a pull request: one commit on top of the base, on a branch of its own that later
// bumps of the same service and environment take over.
type proposal struct {
	bump    bump.Bump
	draft   *edit.Draft
	pending *pendingBranch
	verdict guard.Verdict
	message repo.Message
}

// Propose opens a pull request with a draft, or brings the open one up to date. It is the n-th attempt. Its errors are those of
// repo.Store.Commit where the base or the branch has moved.
func (p Proposer) Propose(ctx context.Context, b bump.Bump, draft *edit.Draft, n int) (_ *bump.Result, err error) {
	if len(draft.Files) == 0 {
		return bump.Unchanged(draft, b.ID(), n-1), nil
	}
	b, draft, pending, err := p.completed(ctx, b, draft)
	if err != nil {
		return nil, err
	}
	pr := proposal{bump: b, draft: draft, pending: pending}
	if pr.verdict, err = p.Guards.Judge(ctx, b, draft, pr.pending.forGuards()); err != nil {
		return nil, err
	}
	if n == 1 {
		for _, text := range append(pending.notices, pr.verdict.Notices...) {
			p.Notice(text)
		}
	}
	if draft, err = draft.Without(b.Environment, pr.verdict.Ended); err != nil {
		return nil, err
	}
	pr.draft = draft
	if pr.message, err = message.Render(b, draft, pr.verdict); err != nil {
		return nil, err
	}
	commit := repo.Commit{SHA: pr.pending.head}
	found := pr.pending.pull != nil && pr.pending.hasDraft(draft)
	if !pr.pending.hasDraft(draft) {
		if err := b.AskCheck(ctx, draft); err != nil {
			return nil, err
		}
		if commit, err = p.publish(ctx, pr); err != nil {
			return nil, err
		}
	}
	return p.openProposal(ctx, pr, commit, found, n)
}

// openProposal makes sure of the pull request and of everything that it is to have.
func (p Proposer) openProposal(ctx context.Context, pr proposal, commit repo.Commit, found bool, n int) (*bump.Result, error) {
	pull, err := p.ensurePull(ctx, pr)
	if err != nil {
		return nil, err
	}
	result := bump.Changed(pr.draft, commit, pr.bump.ID(), n)
	result.PullRequest = &bump.PullRequest{Number: pull.GetNumber(), URL: pull.GetHTMLURL()}
	if found {
		result.Changes, result.UpToDate = nil, true
	}
	if err := errors.Join(p.addLabels(ctx, pr, pull), p.requestReviews(ctx, pr, pull, commit.SHA)); err != nil {
		return nil, err
	}
	if !pr.bump.Deployment.PullRequest.AutoMerge {
		return result, nil
	}
	merged, err := p.autoMerge(ctx, pr, pull, commit.SHA)
	if err == nil && merged != "" {
		result.Commit, result.URL, result.PullRequest.Merged = merged, "", true
		result.Changes, result.UpToDate = pr.draft.Changes, false
	}
	return result, err
}

// explainFailure returns nil for no error.
func explainFailure(err error, pr proposal, doing string) error {
	if err == nil {
		return nil
	}
	return diagnosis.Explain(err, pr.bump.Deployment, doing)
}
