package guard

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/hold"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// JudgeProposed refuses a bump in whose place a pull request proposes a hold or the end of one: the bump would take the pull request's
// branch over, and so a person's rollback, freeze or lift back, before it is merged. A build that ends the hold may, and a rollback of
// the component. ended are the holds that end with the bump.
func (g Guards) JudgeProposed(ctx context.Context, b bump.Bump, base *repo.Snapshot, p Proposed, ended []hold.Hold) (Verdict, error) {
	var v Verdict
	if !p.isOpen() || p.Snapshot == nil {
		return v, nil
	}
	if err := p.Snapshot.HoldErr; err != nil && !b.Force {
		return v, err
	}
	var refused []refusedHold
	for _, h := range p.Snapshot.Holds {
		replaced := b.Rollback != nil && bump.Brings(b, h.Component)
		if slices.ContainsFunc(base.Holds, h.IsAbout) || slices.ContainsFunc(b.Hold, h.IsAbout) || replaced {
			continue
		}
		ends, reason, err := endsProposed(ctx, b, h)
		switch {
		case err != nil && !b.Force:
			return v, err
		case ends:
			v.Notices = append(v.Notices,
				fmt.Sprintf("%s: the hold that pull request #%d proposes ends, because this build is newer than the rejected one",
					h.Component, p.Number))
		default:
			refused = append(refused, refusedHold{h, reason, false})
			v.Overridden = append(v.Overridden, "hold "+string(h.Component))
		}
	}
	texts := g.describeHolds(ctx, p.Snapshot, refused)
	for _, name := range lostLifts(b, base, p, ended) {
		texts = append(texts, string(name)+": its hold is to end with the pull request, and would not")
		v.Overridden = append(v.Overridden, "lift "+string(name))
	}
	return refuseProposed(b, v, texts, p)
}

// refuseProposed adds what would be lost of the pull request to a verdict: as an error, or as what was forced.
func refuseProposed(b bump.Bump, v Verdict, lost []string, p Proposed) (Verdict, error) {
	if len(lost) == 0 {
		return v, nil
	}
	if b.Force {
		v.Notices = append(v.Notices, "forced: "+strings.Join(lost, "; "))
		return v, nil
	}
	return Verdict{}, problem.New(problem.Refused, p.WaysPast(b),
		"refusing to replace pull request #%d of %s, which changes what is held in %s\n  %s",
		p.Number, b.Deployment.Repository, b.Environment, strings.Join(lost, "\n  "))
}

// WaysPast returns what to do about a pull request that a bump may not replace.
func (p Proposed) WaysPast(b bump.Bump) string {
	ways := fmt.Sprintf("merge the pull request, or close it and delete its branch: gh pr close %d --delete-branch --repo %s",
		p.Number, b.Deployment.Repository)
	if b.Rollback == nil && bump.IsDecision(b) { // mage hold cannot be forced
		return ways
	}
	return ways + "\nor propose this in its place: add -force"
}

// lostLifts are the components whose hold the pull request is to end, and that would stay held.
func lostLifts(b bump.Bump, base *repo.Snapshot, p Proposed, ended []hold.Hold) []component.Name {
	var lost []component.Name
	for _, h := range base.Holds {
		again := slices.ContainsFunc(b.Hold, func(other hold.Hold) bool { return other.Component == h.Component })
		ends := slices.ContainsFunc(ended, h.IsAbout) || slices.Contains(b.Lift, h.Component)
		known := again || ends || slices.ContainsFunc(p.Snapshot.Holds, h.IsAbout)
		if slices.Contains(p.Lifted, h.Component) && !known {
			lost = component.Add(lost, h.Component)
		}
	}
	return lost
}

// endsProposed reports whether a bump ends a hold that is proposed, or else why it may not replace the proposal.
func endsProposed(ctx context.Context, b bump.Bump, h hold.Hold) (ends bool, reason string, err error) {
	if !bump.Brings(b, h.Component) {
		return false, "this run leaves it out", nil
	}
	ends, refusal, err := judgeHold(ctx, b, h)
	switch {
	case err != nil:
		return false, err.Error(), err
	case !ends && refusal.reason == "":
		return false, "this build is on another line of history", nil
	}
	return ends, refusal.reason, nil
}
