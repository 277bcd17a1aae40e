package deployment

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// judgeProposed refuses a bump in whose place a pull request proposes a hold: the bump would take the pull request's branch over,
// and so a person's rollback or freeze back, before anybody has merged it. A build that ends the hold may, and a rollback.
func (c *Client) judgeProposed(ctx context.Context, b Bump, base *Snapshot, p *pending) (verdict, error) {
	var v verdict
	if b.Rollback != nil || p.pull == nil || p.snapshot == nil {
		return v, nil
	}
	if err := p.snapshot.holdErr; err != nil && !b.Force {
		return v, err
	}
	var refused []refusedHold
	for _, h := range p.snapshot.Holds {
		if slices.ContainsFunc(base.Holds, h.about) || slices.ContainsFunc(b.Hold, h.about) {
			continue
		}
		ends, reason, err := b.endsProposed(ctx, h)
		switch {
		case err != nil && !b.Force:
			return v, err
		case ends:
			v.notices = append(v.notices, fmt.Sprintf("%s: the hold that pull request #%d proposes ends, because this build is newer than the rejected one",
				h.Component, p.pull.GetNumber()))
		default:
			refused = append(refused, refusedHold{h, reason, false})
			v.overridden = append(v.overridden, "hold "+h.Component)
		}
	}
	if len(refused) == 0 {
		return v, nil
	}
	texts := c.describeHolds(ctx, p.snapshot, refused)
	if b.Force {
		v.notices = append(v.notices, "forced: "+strings.Join(texts, "; "))
		return v, nil
	}
	number := p.pull.GetNumber()
	return verdict{}, problem.New(problem.Refused,
		fmt.Sprintf("merge the pull request, or close it and delete its branch: gh pr close %d --delete-branch --repo %s\nor propose this in its place: add -force", number, base.Repository),
		"refusing to replace pull request #%d of %s, which proposes to hold %s\n  %s", number, base.Repository, b.Environment, strings.Join(texts, "\n  "))
}

// endsProposed reports whether a bump ends a hold that is proposed, or else why it may not replace the proposal.
func (b Bump) endsProposed(ctx context.Context, h Hold) (ends bool, reason string, err error) {
	if !slices.ContainsFunc(b.Images, func(image Image) bool { return image.Component == h.Component }) {
		return false, "this run leaves it out", nil
	}
	ends, refusal, err := b.judgeHold(ctx, h)
	switch {
	case err != nil:
		return false, err.Error(), err
	case !ends && refusal.reason == "":
		return false, "this build is on another line of history", nil
	}
	return ends, refusal.reason, nil
}
