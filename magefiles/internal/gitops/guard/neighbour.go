package guard

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/hold"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// judgeNeighbours refuses to change values that components of other environments set as well, where these are held there: one value
// deploys to all of them. A hold of another environment never ends here.
func (g Guards) judgeNeighbours(ctx context.Context, b bump.Bump, draft *edit.Draft) (Verdict, error) {
	var v Verdict
	var texts, lifts []string
	for _, n := range b.Deployment.Neighbours {
		refused, err := heldBeside(ctx, b, draft, n)
		if err != nil && !b.Force {
			return v, err
		}
		if err != nil {
			v.Notices = append(v.Notices, "forced: "+err.Error())
		}
		for _, h := range refused {
			text := n.Environment + ": " + describeHold(h.Hold, h.By, g.Clock.Now()) + "; " + h.reason
			if bump.MayKeep(b, h.ours) {
				v.Notices = append(v.Notices, text+"; "+untilPrepared)
				continue
			}
			texts, v.Overridden = append(texts, text), append(v.Overridden, "hold "+string(h.Component)+" of "+n.Environment)
			lifts = append(lifts, fmt.Sprintf("lift the hold: mage hold -env=%s -only=%s -lift", n.Environment, h.Component))
		}
	}
	switch {
	case len(texts) == 0:
		return v, nil
	case b.Force:
		v.Notices = append(v.Notices, "forced: "+strings.Join(texts, "; "))
		return v, nil
	}
	return v, problem.New(problem.Refused, strings.Join(append(slices.Compact(lifts), "or deploy anyway, this once: add -force"), "\n"),
		"refusing to deploy %s to %s@%s: what it sets is a value of another environment, too, where it is held\n  %s",
		b.ShortSHA(), b.Deployment.Repository, b.Deployment.Branch, strings.Join(texts, "\n  "))
}

// neighbourHold is a hold of another environment in the way of a component of the draft.
type neighbourHold struct {
	hold.Hold
	ours   component.Name
	reason string
}

// heldBeside returns the holds of another environment that forbid a draft.
func heldBeside(ctx context.Context, b bump.Bump, draft *edit.Draft, n plan.Neighbour) ([]neighbourHold, error) {
	holds, err := holdsOf(draft.Snapshot, n)
	if err == nil && len(holds) == 0 {
		return nil, nil
	}
	setters := draft.SettersBeside(n)
	if len(setters) == 0 { // whatever is held there
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var refused []neighbourHold
	for _, h := range holds {
		for _, ours := range setters[h.Component] {
			as := h
			as.Component = ours
			reason, err := forbiddenBy(ctx, b, as)
			if err != nil {
				return nil, err
			}
			if reason != "" {
				refused = append(refused, neighbourHold{h, ours, reason})
				break
			}
		}
	}
	return refused, nil
}

// forbiddenBy returns why a hold of another environment forbids a bump, "" where it does not. A rollback may bring what is older than the
// rejected build, but not that itself.
func forbiddenBy(ctx context.Context, b bump.Bump, h hold.Hold) (string, error) {
	if b.Rollback == nil || h.IsFrozen() || h.Until == config.HoldUntilLift {
		_, refusal, err := judgeHold(ctx, b, h)
		return refusal.reason, err
	}
	if ours := b.SHA(h.Component); h.Rejected.Abbreviates(ours) {
		return "this is the rejected build", nil
	}
	return isRejected(ctx, b, h)
}

// holdsOf are the holds of another environment.
func holdsOf(s *repo.Snapshot, n plan.Neighbour) ([]hold.Hold, error) {
	var all []hold.Hold
	for _, path := range n.Holds {
		data := s.NeighbourBytes[path]
		if data == nil {
			continue
		}
		file, err := hold.Parse(data)
		if err != nil {
			return nil, problem.New(problem.Refused,
				fmt.Sprintf("repair the file, or lift all that it holds: mage hold -env=%s -lift", n.Environment),
				"reading the hold of %s: %w", n.Environment, err).At(problem.Place{File: s.Place(path)})
		}
		all = append(all, file.Holds...)
	}
	return all, nil
}
