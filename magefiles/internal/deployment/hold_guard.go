package deployment

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/source"
)

// judgeHolds refuses a bump of components that are held, unless it brings a build that ends the hold. What nobody can
// compare is refused too: a person has said no, and the doubt is on their side.
func (c *Client) judgeHolds(ctx context.Context, b Bump, draft *Draft) (verdict, error) {
	var v verdict
	if b.Rollback != nil || len(changedComponents(draft))+len(draft.kept) == 0 {
		return v, nil
	}
	if err := draft.Snapshot.holdErr; err != nil {
		if b.Force {
			v.notices = append(v.notices, "forced: "+err.Error())
			return v, nil
		}
		return v, err
	}
	var refused []refusedHold
	for _, h := range draft.touchedHolds() {
		component := h.Component
		ends, refusal, err := b.judgeHold(ctx, h)
		switch {
		case draft.keeps(component) && !ends: // what is held stays as it is
		case err != nil && !b.Force:
			return v, err
		case err != nil:
			refused = append(refused, refusedHold{h, err.Error(), false})
		case ends:
			v.ended = append(v.ended, h)
			v.notices = append(v.notices, component+": the hold ends, because this build is newer than the rejected one")
		case refusal.reason == "":
			v.notices = append(v.notices, component+" is held against another line of history, and stays held")
		default:
			refused = append(refused, refusal)
		}
	}
	return c.refuseHolds(ctx, b, draft.Snapshot, v, refused)
}

// touchedHolds are the holds of the components that the draft changes or keeps on purpose.
func (d *Draft) touchedHolds() []Hold {
	components := changedComponents(d)
	return slices.DeleteFunc(slices.Clone(d.Snapshot.Holds), func(h Hold) bool {
		return !slices.Contains(components, h.Component) && !d.keeps(h.Component)
	})
}

// judgeHold reports whether a build ends a hold, or else why it may not pass; no reason where it may. A build that passes as a
// commit must be another image, too.
func (b Bump) judgeHold(ctx context.Context, h Hold) (ends bool, refusal refusedHold, err error) {
	ends, reason, err := b.endsHold(ctx, h)
	if err != nil || reason != "" {
		return ends, refusedHold{h, reason, false}, err
	}
	if reason, err = b.isRejected(ctx, h); err != nil || reason != "" {
		return false, refusedHold{h, reason, true}, err
	}
	return ends, refusedHold{Hold: h}, nil
}

// refusedHold is a hold that a bump does not end, and why not.
type refusedHold struct {
	Hold
	reason string
	same   bool // the image is the rejected one
}

// refuseHolds adds the holds in the way to a verdict: as an error, or as what was forced.
func (c *Client) refuseHolds(ctx context.Context, b Bump, s *Snapshot, v verdict, refused []refusedHold) (verdict, error) {
	if len(refused) == 0 {
		return v, nil
	}
	texts := c.describeHolds(ctx, s, refused)
	if !b.Force {
		return v, problem.New(problem.Refused, b.holdRemedy(refused),
			"refusing to deploy %s to %s@%s: %s is held\n  %s",
			b.shortSHA(), b.Deployment.Repository, b.Deployment.Branch, b.Environment, strings.Join(texts, "\n  "))
	}
	for _, h := range refused {
		if what := "hold " + h.Component; !slices.Contains(v.overridden, what) {
			v.overridden = append(v.overridden, what)
		}
	}
	v.notices = append(v.notices, "forced: "+strings.Join(texts, "; "))
	return v, nil
}

// endsHold tells whether a bump ends a hold, and else why it is refused; an empty reason lets it pass beside the hold.
func (b Bump) endsHold(ctx context.Context, h Hold) (ends bool, reason string, err error) {
	ours := b.sha(h.Component)
	switch {
	case h.frozen():
		return false, "nothing changes until it is lifted", nil
	case h.Until == config.HoldUntilLift:
		return false, "no build is taken until it is lifted", nil
	case h.Rejected == "" || b.Ancestry == nil || ours == "":
		return false, "nothing tells which build is newer than the rejected one", nil
	case strings.HasPrefix(ours, h.Rejected):
		return false, "this is the rejected build", nil
	}
	comparison, err := b.Ancestry.Compare(ctx, h.Rejected, ours)
	if err != nil {
		return false, err.Error(), fmt.Errorf("comparing commit %.8s with %.8s, which is rejected for %s: %w", ours, h.Rejected, h.Component, err)
	}
	switch comparison.Relation {
	case source.Ahead:
		return true, "", nil
	case source.Identical:
		return false, "this is the rejected build", nil
	case source.Behind:
		return false, "this build is older than the rejected one", nil
	case source.Diverged:
		if b.Deployment.Diverged == config.DivergedRefuse {
			return false, "this build does not contain the rejected one", nil
		}
		return false, "", nil
	}
	return false, "this build cannot be compared with the rejected one: " + comparison.Reason, nil
}

// isRejected says by what a component's image is the rejected one, whatever commit names it now; empty where it is another, or
// nothing tells.
func (b Bump) isRejected(ctx context.Context, h Hold) (string, error) {
	i := slices.IndexFunc(b.Images, func(image Image) bool { return image.Component == h.Component })
	if i < 0 || h.frozen() || h.Until == config.HoldUntilLift {
		return "", nil
	}
	image := b.Images[i]
	if h.Digest != "" && image.Digest == h.Digest {
		return "this is the rejected image, whatever commit names it", nil
	}
	if h.Key != "" && image.Key == "" && image.Digest != "" && b.KeyOf != nil {
		var err error
		if image.Key, err = b.KeyOf(ctx, image); err != nil {
			return "", fmt.Errorf("asking %s for what it was built from, which is compared with the image that is rejected for %s: %w", image.Ref, h.Component, err)
		}
	}
	if h.Key != "" && image.Key == h.Key {
		return "this is built from the same as the rejected image", nil
	}
	return "", nil
}

// describeHolds asks who put the file where it does not say so itself. That nobody can be asked spares no refusal.
func (c *Client) describeHolds(ctx context.Context, s *Snapshot, holds []refusedHold) []string {
	author := ""
	if commit, err := c.HoldCommit(ctx, s); err == nil {
		author = commit.Author
		if commit.SHA != "" {
			author += fmt.Sprintf(" in %.8s", commit.SHA)
		}
	}
	texts := make([]string, len(holds))
	for i, h := range holds {
		by := h.By
		if by == "" {
			by = author
		}
		texts[i] = h.describe(by, c.clock.Now()) + "; " + h.reason
	}
	return texts
}

// HoldCommit gives the newest commit that changed the holds of a snapshot; the zero Commit where there is none. It is one
// request, which is made only where somebody wants to know.
func (c *Client) HoldCommit(ctx context.Context, s *Snapshot) (Commit, error) {
	path := s.holdPath
	if s.held == nil {
		if len(s.former) == 0 {
			return Commit{}, nil
		}
		path = slices.Min(slices.Collect(maps.Keys(s.former)))
	}
	history, err := c.rest.history(ctx, s, path)
	if err != nil {
		return Commit{}, err
	}
	commits := holding(history.commits())
	if len(commits) == 0 {
		return Commit{}, nil
	}
	return commits[0], nil
}

// holding are the commits of the file of holds that put or ended one, by a bump or by hand. The others of it record what is kept.
func holding(commits []Commit) []Commit {
	return slices.DeleteFunc(commits, func(c Commit) bool {
		t := c.Trailers()
		return t.Get(TrailerBumpID) != "" && t.Get(TrailerHold) == "" && t.Get(TrailerLifted) == ""
	})
}

func (b Bump) holdRemedy(holds []refusedHold) string {
	var names, same []string
	newer := true
	for _, h := range holds {
		if !slices.Contains(names, h.Component) {
			names = append(names, h.Component)
		}
		newer = newer && !h.frozen() && h.Until == config.HoldUntilNewer
		if h.same && !slices.Contains(same, h.Component) {
			same = append(same, h.Component)
		}
	}
	remedy := fmt.Sprintf("lift the hold: mage hold -env=%s -only=%s -lift\nor deploy once in spite of it: add -force", b.Environment, strings.Join(names, ","))
	switch {
	case newer && len(same) > 0:
		remedy = "change what " + strings.Join(same, ", ") + " is built from, and release that: it ends the hold\nor " + remedy
	case newer:
		remedy = "release a commit that descends from the rejected one: that ends the hold\nor " + remedy
	}
	return remedy
}
