package guard

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/hold"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// JudgeHolds refuses a bump of components that are held here, or in another environment that has a value of theirs, too.
func (g Guards) JudgeHolds(ctx context.Context, b bump.Bump, draft *edit.Draft) (Verdict, error) {
	v, err := g.judgeOwnHolds(ctx, b, draft)
	if err != nil {
		return v, err
	}
	beside, err := g.judgeNeighbours(ctx, b, draft)
	if err != nil {
		return beside, err
	}
	v.add(beside)
	return v, nil
}

// judgeOwnHolds refuses a bump of components that are held, unless it brings a build that ends the hold. What cannot be
// compared is refused too: a person has said no, and the doubt is on their side.
func (g Guards) judgeOwnHolds(ctx context.Context, b bump.Bump, draft *edit.Draft) (Verdict, error) {
	var v Verdict
	if b.Rollback != nil || len(draft.Components())+len(draft.Kept) == 0 {
		return v, nil
	}
	if err := draft.Snapshot.HoldErr; err != nil {
		if b.Force {
			v.Notices = append(v.Notices, "forced: "+err.Error())
			return v, nil
		}
		return v, err
	}
	var refused, open []refusedHold
	for _, h := range draft.TouchedHolds() {
		name := h.Component
		ends, refusal, err := judgeHold(ctx, b, h)
		switch {
		case draft.Keeps(name) && !ends: // what is held stays as it is
		case err != nil && !b.Force:
			return v, err
		case err != nil:
			refused = append(refused, refusedHold{h, err.Error(), false})
		case ends:
			v.Ended = append(v.Ended, h)
			v.Notices = append(v.Notices, string(name)+": "+endOfHold(b, name))
		case refusal.reason == "":
			v.Notices = append(v.Notices, string(name)+" is held against another line of history, and stays held")
		case bump.MayKeep(b, name):
			open = append(open, refusal)
		default:
			refused = append(refused, refusal)
		}
	}
	v.Notices = append(v.Notices, g.describeOpen(ctx, draft.Snapshot, open)...)
	return g.refuseHolds(ctx, b, draft.Snapshot, v, refused)
}

// judgeHold reports whether a build ends a hold, or else why it may not pass; no reason where it may. A build that passes as a
// commit must be another image, too.
func judgeHold(ctx context.Context, b bump.Bump, h hold.Hold) (ends bool, refusal refusedHold, err error) {
	ends, reason, err := endsHold(ctx, b, h)
	if err != nil || reason != "" {
		return ends, refusedHold{h, reason, false}, err
	}
	if reason, err = isRejected(ctx, b, h); err != nil || reason != "" {
		return false, refusedHold{h, reason, true}, err
	}
	return ends, refusedHold{Hold: h}, nil
}

// refusedHold is a hold that a bump does not end, and why not.
type refusedHold struct {
	hold.Hold
	reason string
	same   bool // the image is the rejected one
}

// refuseHolds adds the holds in the way to a Verdict: as an error, or as what was forced.
func (g Guards) refuseHolds(ctx context.Context, b bump.Bump, s *repo.Snapshot, v Verdict, refused []refusedHold) (Verdict, error) {
	if len(refused) == 0 {
		return v, nil
	}
	texts := g.describeHolds(ctx, s, refused)
	if !b.Force {
		return v, problem.New(problem.Refused, holdRemedy(b, refused),
			"refusing to deploy %s to %s@%s: %s is held\n  %s",
			b.ShortSHA(), b.Deployment.Repository, b.Deployment.Branch, b.Environment, strings.Join(texts, "\n  "))
	}
	for _, h := range refused {
		if what := "hold " + string(h.Component); !slices.Contains(v.Overridden, what) {
			v.Overridden = append(v.Overridden, what)
		}
	}
	v.Notices = append(v.Notices, "forced: "+strings.Join(texts, "; "))
	return v, nil
}

// endsHold reports whether a bump ends a hold, and else why it is refused; an empty reason lets it pass beside the hold.
func endsHold(ctx context.Context, b bump.Bump, h hold.Hold) (ends bool, reason string, err error) {
	ours := b.SHA(h.Component)
	switch {
	case h.IsFrozen():
		return false, "nothing changes until it is lifted", nil
	case h.Until == config.HoldUntilLift:
		return false, "no build is taken until it is lifted", nil
	case h.Rejected == "" || b.Ancestry == nil || ours == "":
		return false, "nothing tells which build is newer than the rejected one", nil
	case h.Rejected.Abbreviates(ours):
		return false, "this is the rejected build", nil
	}
	comparison, err := b.Ancestry.Compare(ctx, h.Rejected, ours)
	if err != nil {
		return false, err.Error(), fmt.Errorf("comparing commit %s with %s, which is rejected for %s: %w",
			ours.Short(), h.Rejected.Short(), h.Component, err)
	}
	switch comparison.Relation {
	case git.Ahead:
		return true, "", nil
	case git.Identical:
		return false, "this is the rejected build", nil
	case git.Behind:
		return false, "this build is older than the rejected one", nil
	case git.Diverged:
		if b.Deployment.Diverged == config.DivergedRefuse {
			return false, "this build does not contain the rejected one", nil
		}
		return false, "", nil
	}
	return false, "this build cannot be compared with the rejected one: " + comparison.Reason, nil
}

// isRejected returns by what a component's image is the rejected one, whatever commit names it now; empty where it is another, or
// nothing tells.
func isRejected(ctx context.Context, b bump.Bump, h hold.Hold) (string, error) {
	i := slices.IndexFunc(b.Images, func(image bump.Image) bool { return image.Component == h.Component })
	if i < 0 || h.IsFrozen() || h.Until == config.HoldUntilLift {
		return "", nil
	}
	image := b.Images[i]
	if h.Digest != "" && image.Digest == h.Digest {
		return "this is the rejected image, whatever commit names it", nil
	}
	if h.Key != "" && image.Key == "" && image.Digest != "" && b.KeyOf != nil {
		var err error
		if image.Key, err = b.KeyOf(ctx, image); err != nil {
			return "", fmt.Errorf("asking %s for what it was built from, which is compared with the image that is rejected for %s: %w",
				image.Ref, h.Component, err)
		}
	}
	if h.Key != "" && image.Key == h.Key {
		return "this has the same inputs as the rejected image", nil
	}
	return "", nil
}
