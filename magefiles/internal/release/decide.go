package release

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/telemetry"
)

// decision is what becomes of one image, by the plan's order.
type decision struct {
	plan.Action
	found registry.Found // what to tag, for plan.DoRetag
}

// decide finds, for each image whose tag the registry lacks, whether it has the same image under another tag: every push leaves
// one that is named by the inputs.
func (s *session) decide(ctx context.Context, now *state) error {
	now.decisions = make([]decision, len(s.plan.Images))
	for i, image := range s.plan.Images {
		now.decisions[i].Action = plan.Action{Component: image.Component, Do: plan.DoDone, Why: "the registry has it"}
	}
	missing := now.missing(s.plan.Images)
	if len(missing) == 0 {
		return nil
	}
	var err error
	if now.sums, err = s.sum(ctx, missing); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(lookups)
	for i, image := range s.plan.Images {
		if now.published[i].Digest == "" {
			group.Go(func() error { return s.decideMissing(ctx, image, now.sums[image.Component], &now.decisions[i]) })
		}
	}
	err = group.Wait()
	for _, d := range now.decisions {
		telemetry.Info(ctx, "decided", slog.String("component", d.Component), slog.String("do", string(d.Do)), slog.String("why", d.Why))
	}
	return err
}

func (s *session) decideMissing(ctx context.Context, image plan.Image, sum summed, d *decision) error {
	d.Do = plan.DoBuild
	switch {
	case s.options.Rebuild:
		d.Why = "-rebuild"
		return nil
	case s.plan.Commit.IsDirty():
		d.Why = "the working tree differs from the commit"
		return nil
	case sum.digest == "":
		d.Why = sum.why
		return nil
	}
	found, err := s.registry().Lookup(ctx, image.Repository+":"+plan.InputsTag(sum.digest))
	switch {
	case errors.Is(err, registry.ErrNotFound):
		d.Why = "no image has been pushed that was built from the same"
		return nil
	case err != nil:
		return err
	case found.Origin.Inputs != sum.digest:
		d.Why = "the image under the tag of its inputs was built from others"
		return nil
	}
	d.Do, d.found = plan.DoRetag, found
	d.Why = fmt.Sprintf("commit %.8s was built from the same", found.Origin.Revision)
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

func (now *state) actions() []plan.Action {
	actions := make([]plan.Action, len(now.decisions))
	for i, d := range now.decisions {
		actions[i] = d.Action
	}
	return actions
}

// foresee says what a release would do about each image. A registry that cannot be asked leaves it open.
func (s *session) foresee(ctx context.Context) ([]plan.Action, error) {
	now := &state{published: make([]ocispec.Descriptor, len(s.plan.Images))}
	err := s.observeTags(ctx, now)
	if err == nil {
		err = s.decide(ctx, now)
	}
	if err == nil {
		err = s.foreseeRefusals(ctx, now)
	}
	if cause := context.Cause(ctx); cause != nil {
		return nil, cause
	}
	actions := now.actions()
	if err != nil {
		for _, image := range s.plan.Images {
			actions = append(actions, plan.Action{Component: image.Component, Do: plan.DoUnknown, Why: brief(err)})
		}
		actions = actions[len(actions)-len(s.plan.Images):]
	}
	return actions, nil
}

// foreseeRefusals finds the tags that the registry has with images of something else, at which a release would stop. What bumps
// have recorded is not looked at: a plan needs no deployment repository.
func (s *session) foreseeRefusals(ctx context.Context, now *state) error {
	same := s.sameness(ctx)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(lookups)
	for i, image := range s.plan.Images {
		if now.published[i].Digest == "" {
			continue
		}
		group.Go(func() error {
			origin, same, err := same.look(ctx, image, now.published[i])
			if err == nil && !same {
				now.decisions[i].Do = plan.DoRefuse
				now.decisions[i].Why = "its tag names an image that was built from other sources, at " + madeAt(origin)
			}
			return err
		})
	}
	return group.Wait()
}
