package release

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/opencontainers/go-digest"
	"golang.org/x/sync/errgroup"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/inspect"
	"github.com/xiilab/astrago-ci/magefiles/internal/telemetry"
)

// decision is what becomes of one image, by the plan's order.
type decision struct {
	plan.Action
	found inspect.Found // what to tag, for plan.DoRetag
	key   string        // of what it is made of, as far as that is known
	built digest.Digest // what this run has built
	err   error         // why the registry could not be asked
}

// decide finds, for each image whose tag the registry lacks, whether it has the same image under another tag: every push leaves
// one that is named by the key.
func (s *session) decide(ctx context.Context, now *state) error {
	now.decisions = make([]decision, len(s.plan.Images))
	for i, image := range s.plan.Images {
		now.decisions[i].Action = plan.Action{Component: image.Component, Do: plan.DoDone, Why: "the registry has it"}
	}
	var missing []int
	for i := range s.plan.Images {
		if now.published[i].Digest == "" {
			missing = append(missing, i)
		}
	}
	if err := s.decideAll(ctx, now, missing); err != nil {
		return err
	}
	for _, d := range now.decisions {
		telemetry.Info(ctx, "decided", slog.String("component", d.Component), slog.String("do", string(d.Do)), slog.String("why", d.Why))
	}
	return now.failure()
}

// decideAll decides about images that the registry lacks, by their index. That the registry cannot be asked about one is the
// decision's error, and hides no other.
func (s *session) decideAll(ctx context.Context, now *state, missing []int) error {
	if len(missing) == 0 {
		return nil
	}
	images := make([]plan.Image, len(missing))
	for n, i := range missing {
		images[n] = s.plan.Images[i]
	}
	all, err := s.keysOf().of(ctx, images)
	if err != nil {
		return err
	}
	index := keyIndex{s.registry()}
	group := new(errgroup.Group)
	group.SetLimit(lookups)
	for n, i := range missing {
		group.Go(func() error {
			now.decisions[i] = s.decideMissing(ctx, index, images[n], all[images[n].Component])
			return nil
		})
	}
	return errors.Join(group.Wait(), context.Cause(ctx))
}

func (s *session) decideMissing(ctx context.Context, index keyIndex, image plan.Image, m made) decision {
	d := decision{Action: plan.Action{Component: image.Component, Do: plan.DoBuild}, key: m.Key}
	switch {
	case s.options.Rebuild:
		d.Why = "-rebuild"
		return d
	case s.plan.Commit.IsDirty():
		d.Why = "the working tree differs from the commit"
		return d
	}
	found, why, err := index.find(ctx, image.Repository, m)
	switch {
	case err != nil:
		d.Do, d.Why, d.err = plan.DoUnknown, brief(err), err
	case why != "" && m.Commit:
		d.Why = "its Dockerfile asks for the commit's time (ARG SOURCE_DATE_EPOCH)"
	case why != "":
		d.Why = why
	default:
		d.Do, d.found = plan.DoRetag, found
		d.Why = fmt.Sprintf("commit %.8s has the same inputs", found.Origin.Revision)
	}
	return d
}

// failure is why the registry could not be asked about an image, the first of several.
func (now *state) failure() error {
	for _, d := range now.decisions {
		if d.err != nil {
			return d.err
		}
	}
	return nil
}

// to gives the images about which one thing is to be done; none before decide has run.
func (now *state) to(do plan.Do, images []plan.Image) []plan.Image {
	var list []plan.Image
	for i, d := range now.decisions {
		if d.Do == do {
			list = append(list, images[i])
		}
	}
	return list
}

func (now *state) decisionOf(component string) *decision {
	i := slices.IndexFunc(now.decisions, func(d decision) bool { return d.Component == component })
	return &now.decisions[i]
}

func (now *state) actions() []plan.Action {
	actions := make([]plan.Action, len(now.decisions))
	for i, d := range now.decisions {
		actions[i] = d.Action
	}
	return actions
}

// prepareImages runs `prepare` where something is to be built. What it makes may turn out to be that of before: such an image
// is published already.
func (s *session) prepareImages(ctx context.Context, now *state) error {
	var building []int
	for i, d := range now.decisions {
		if d.Do == plan.DoBuild {
			building = append(building, i)
		}
	}
	if len(building) == 0 || len(s.plan.Prepare.Run) == 0 {
		return nil
	}
	if err := s.prepare(ctx); err != nil {
		return err
	}
	if err := s.requireUnchanged(ctx, "push"); err != nil { // of tracked files, too
		return err
	}
	if err := s.decideAll(ctx, now, building); err != nil {
		return err
	}
	if err := s.noteVarying(ctx, now); err != nil {
		return err
	}
	return now.failure()
}

// noteVarying tells of components of which `prepare` has made other files than it once made of the same: they are built and
// deployed anew with each commit that runs it.
func (s *session) noteVarying(ctx context.Context, now *state) error {
	all, err := s.keysOf().of(ctx, now.to(plan.DoRetag, s.plan.Images))
	if err != nil {
		return err
	}
	for _, d := range now.decisions {
		m := all[d.Component]
		if d.Do == plan.DoRetag && m.Key != "" && m.Key != d.found.Origin.Key {
			s.console.Note(fmt.Sprintf("notice: %s: `prepare` has made other files than for commit %.8s of the same sources: "+
				"archives may hold the time of their build, see `mage doctor`", d.Component, d.found.Origin.Revision))
		}
	}
	return nil
}
