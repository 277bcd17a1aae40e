package rollout

import (
	"context"
	"errors"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/gitops"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
)

// BumpOf returns the commit to make on the i-th deployment.
type BumpOf func(i int) bump.Bump

// HasChanges reports whether a draft has anything to commit.
func HasChanges(drafts []*edit.Draft) bool {
	return slices.ContainsFunc(drafts, func(d *edit.Draft) bool { return len(d.Files) > 0 })
}

// Drafts computes every edit without making it, so that a missing key is known before anything is built.
func (r *Rollout) Drafts(ctx context.Context, snapshots []*repo.Snapshot, bumpOf BumpOf) ([]*edit.Draft, error) {
	drafts := make([]*edit.Draft, len(snapshots))
	var errs []error
	for i, snapshot := range snapshots {
		draft, err := bumpOf(i).Draft(ctx, snapshot)
		if err == nil && len(draft.Files) > 0 {
			err = r.checkWrite(snapshot)
		}
		drafts[i] = draft
		errs = append(errs, err)
	}
	return drafts, errors.Join(errs...)
}

// GuardedDrafts computes every edit and asks the guard of the order about each that changes something, before anything is changed.
func (r *Rollout) GuardedDrafts(ctx context.Context, snapshots []*repo.Snapshot, bumpOf BumpOf) ([]*edit.Draft, error) {
	drafts, err := r.Drafts(ctx, snapshots, bumpOf)
	if err != nil {
		return drafts, err
	}
	return drafts, r.RequireAllowed(ctx, bumpOf, drafts, (*gitops.Client).CheckOrder)
}

// checkWrite refuses what the account surely cannot write to, where the run has the token that would.
func (r *Rollout) checkWrite(snapshot *repo.Snapshot) error {
	if r.env.OnlyReads() {
		return nil
	}
	return snapshot.CheckWrite(r.env.Clients.Deployer().Identity())
}

// Guard is one of gitops.Client's that may refuse a draft, and else tells what a commit of it would say.
type Guard func(*gitops.Client, context.Context, bump.Bump, *edit.Draft) (notices []string, err error)

// RequireAllowed asks a guard about every deployment.
func (r *Rollout) RequireAllowed(ctx context.Context, bumpOf BumpOf, drafts []*edit.Draft, allows Guard) error {
	errs := make([]error, len(drafts))
	for i, draft := range drafts {
		var notices []string
		notices, errs[i] = allows(r.client, ctx, bumpOf(i), draft)
		r.foretell(notices)
	}
	return errors.Join(errs...)
}

// foretell says once what guards notice in a dry run, which makes no commit that would say so.
func (r *Rollout) foretell(notices []string) {
	if !r.env.Command.ReadOnly {
		return
	}
	for _, notice := range notices {
		if !r.told[notice] {
			r.told[notice] = true
			r.env.Console.Note(notice)
		}
	}
}
