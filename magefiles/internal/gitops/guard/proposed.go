package guard

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/hold"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// JudgeProposed refuses a bump in whose place a pull request proposes a hold: the bump would take the pull request's branch over,
// and so a person's rollback or freeze back, before it is merged. A build that ends the hold may, and a rollback.
func (g Guards) JudgeProposed(ctx context.Context, b bump.Bump, base *repo.Snapshot, p Proposed) (Verdict, error) {
	var v Verdict
	if b.Rollback != nil || !p.IsOpen() || p.Snapshot == nil {
		return v, nil
	}
	if err := p.Snapshot.HoldErr; err != nil && !b.Force {
		return v, err
	}
	var refused []refusedHold
	for _, h := range p.Snapshot.Holds {
		if slices.ContainsFunc(base.Holds, h.IsAbout) || slices.ContainsFunc(b.Hold, h.IsAbout) {
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
			v.Overridden = append(v.Overridden, "hold "+h.Component)
		}
	}
	if len(refused) == 0 {
		return v, nil
	}
	texts := g.describeHolds(ctx, p.Snapshot, refused)
	if b.Force {
		v.Notices = append(v.Notices, "forced: "+strings.Join(texts, "; "))
		return v, nil
	}
	number := p.Number
	return Verdict{}, problem.New(problem.Refused,
		fmt.Sprintf("merge the pull request, or close it and delete its branch: gh pr close %d --delete-branch --repo %s\nor propose "+
			"this in its place: add -force", number, base.Repository),
		"refusing to replace pull request #%d of %s, which proposes to hold %s\n  %s",
		number, base.Repository, b.Environment, strings.Join(texts, "\n  "))
}

// endsProposed reports whether a bump ends a hold that is proposed, or else why it may not replace the proposal.
func endsProposed(ctx context.Context, b bump.Bump, h hold.Hold) (ends bool, reason string, err error) {
	if !slices.ContainsFunc(b.Images, func(image bump.Image) bool { return image.Component == h.Component }) {
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
