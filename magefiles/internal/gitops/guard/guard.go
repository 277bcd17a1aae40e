// Package guard decides whether a draft may be committed: it refuses a build that is older than what it replaces, a component that is
// held, a value that belongs to another application, and a former name under which another one still deploys.
package guard

import (
	"context"
	"fmt"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/backoff"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/hold"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// History answers the guards' questions about the deployment repository's past.
type History interface {
	// History visits the commits of d's files as repo.Store does.
	History(ctx context.Context, from *repo.Snapshot, d plan.Deployment, contents bool, visit func(*repo.Snapshot) (bool, error)) error

	// HoldCommit returns the newest commit that changed the holds of a snapshot.
	HoldCommit(ctx context.Context, at *repo.Snapshot) (repo.Commit, error)

	// FormerHoldHistory returns the latest commits that touched holds under former names.
	FormerHoldHistory(ctx context.Context, at *repo.Snapshot) ([]repo.Commit, error)
}

var _ History = (*repo.Store)(nil)

// Guards judge drafts.
type Guards struct {
	Store History
	Clock backoff.Clock
}

// Verdict is the result of the guards for a draft that may be committed.
type Verdict struct {
	Overridden []string    // what was forced, as in trailer.Forced
	Ended      []hold.Hold // those that end, because the build is newer than the rejected one
	Notices    []string
}

// add adds what other guards found.
func (v *Verdict) add(other Verdict) {
	v.Overridden, v.Notices = append(v.Overridden, other.Overridden...), append(v.Notices, other.Notices...)
	v.Ended = append(v.Ended, other.Ended...)
}

// Proposed is the pull request that waits in a bump's place.
type Proposed struct {
	Number   int              // 0 where none is open
	Snapshot *repo.Snapshot   // of its branch, with those of the files that this has; nil where it can have nothing of this service
	Lifted   []component.Name // components whose hold is to end with it
	Notices  []string         // what of it is proposed again
}

// isOpen reports whether there is one.
func (p Proposed) isOpen() bool { return p.Number != 0 }

// present is the deployment with those of its files that the branch has.
func (p Proposed) present(d plan.Deployment) plan.Deployment {
	d.Files = slices.DeleteFunc(slices.Clone(d.Files), func(f plan.File) bool {
		_, ok := p.Snapshot.Files[f.Path]
		return !ok
	})
	return d
}

// Judge runs every guard, and also takes into account what an open pull request proposes already.
func (g Guards) Judge(ctx context.Context, b bump.Bump, draft *edit.Draft, p Proposed) (Verdict, error) {
	if err := g.checkFormerNames(ctx, b, draft.Snapshot); err != nil {
		return Verdict{}, err
	}
	found, err := g.checkOwners(ctx, b, draft)
	if err != nil {
		return found, err
	}
	if !b.AwaitsDigests() {
		holds, err := g.JudgeHolds(ctx, b, draft)
		if err != nil {
			return holds, err
		}
		proposed, err := g.JudgeProposed(ctx, b, draft.Snapshot, p, holds.Ended)
		if err != nil {
			return proposed, err
		}
		found.add(holds)
		found.add(proposed)
	}
	v, err := g.checkOrder(ctx, b, draft.Whole(), "is deployed")
	v.add(found)
	if err != nil || !p.isOpen() || p.Snapshot == nil {
		return v, err
	}
	proposed, err := edit.Unchecked(p.Snapshot, p.present(b.Deployment))
	if err != nil {
		return v, nil //nolint:nilerr // the branch is older than the keys that are to be set, and is made anew
	}
	more, err := g.checkOrder(ctx, b, proposed, fmt.Sprintf("is proposed in pull request #%d", p.Number))
	if err != nil {
		return v, err
	}
	for _, forced := range more.Overridden {
		if !slices.Contains(v.Overridden, forced) {
			v.Overridden = append(v.Overridden, forced)
		}
	}
	return v, nil
}
