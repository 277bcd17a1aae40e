package proposal

import (
	"context"
	"errors"
	"fmt"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/diagnosis"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
)

// publish puts one commit on top of the base onto the pull request's branch. The commit is pr on a branch beside it,
// because GitHub closes a pull request whose branch is set back to its base even for a moment; the branch itself moves by
// a compare-and-swap, so that what is pushed meanwhile is never lost. What a killed run leaves beside it, the next
// one overwrites.
func (p Proposer) publish(ctx context.Context, pr proposal) (repo.Commit, error) {
	if pr.pending.head != "" {
		if err := p.requireOurs(ctx, pr); err != nil {
			return repo.Commit{}, err
		}
	}
	staging, base := pr.stagingBranch(), pr.draft.Snapshot
	err := p.Store.UpdateRefs(ctx, base, repo.RefUpdate{Name: "refs/heads/" + staging, AfterOID: base.Head, Force: true})
	if err != nil {
		return repo.Commit{}, keepUncertain(err, pr, "preparing branch "+staging+" of")
	}
	commit, err := p.Store.Commit(ctx, pr.bump.Deployment, base.OnBranch(staging), pr.draft.Files, pr.message)
	if err != nil {
		return repo.Commit{}, err
	}
	before := pr.pending.head
	if before == "" {
		before = commitid.Null
	}
	err = p.Store.UpdateRefs(ctx, base,
		repo.RefUpdate{Name: "refs/heads/" + pr.pending.branch, BeforeOID: before, AfterOID: commit.SHA, Force: true},
		repo.RefUpdate{Name: "refs/heads/" + staging, BeforeOID: commit.SHA, AfterOID: commitid.Null},
	)
	if err != nil {
		return commit, p.explainUpdate(ctx, pr, commit, err)
	}
	return commit, nil
}

// stagingBranch cannot be the branch of another service or environment, whose names have no dot.
func (pr proposal) stagingBranch() string { return pr.pending.branch + ".next" }

// explainUpdate finds out what became of a failed update, whose text GitHub does not publish: another writer has moved the branch,
// it was done and the answer lost, or it was refused.
func (p Proposer) explainUpdate(ctx context.Context, pr proposal, commit repo.Commit, failure error) error {
	head, err := p.Store.HeadOf(ctx, pr.draft.Snapshot, pr.pending.branch)
	switch {
	case err != nil && !errors.Is(err, repo.ErrNoRef):
		return fmt.Errorf("%w: %w", repo.ErrUncertain, errors.Join(failure, err))
	case head == commit.SHA:
		return nil
	case head != pr.pending.head:
		return repo.ErrStale
	}
	if staged, err := p.Store.HeadOf(ctx, pr.draft.Snapshot, pr.stagingBranch()); err == nil && staged != commit.SHA ||
		errors.Is(err, repo.ErrNoRef) {
		return repo.ErrStale // another bump of the same service and environment is at work
	}
	return keepUncertain(failure, pr, "moving branch "+pr.pending.branch+" of")
}

// keepUncertain keeps a failure that leaves the outcome open apart from a refusal.
func keepUncertain(err error, pr proposal, doing string) error {
	if github.IsUncertain(err) {
		return fmt.Errorf("%w: %w", repo.ErrUncertain, err)
	}
	return diagnosis.Explain(err, pr.bump.Deployment, doing)
}
