package preflight

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/xiilab/astrago-ci/magefiles/internal/inputs"
	"github.com/xiilab/astrago-ci/magefiles/internal/parallel"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/telemetry"
)

// planActions finds, for each image whose tag the registry lacks, whether it has the same image under another tag: every push leaves
// one that is named by the key.
func (c *Checker) planActions(ctx context.Context, s *State) error {
	s.Decisions = make([]Decision, len(c.plan.Images))
	var missing []int
	for i, image := range c.plan.Images {
		s.Decisions[i].Action = plan.Action{Component: image.Component, Do: plan.DoDone, Why: "the registry has it"}
		if s.Published[i].Digest == "" {
			missing = append(missing, i)
		}
	}
	if err := c.planMissing(ctx, s, missing); err != nil {
		return err
	}
	for _, d := range s.Decisions {
		telemetry.Info(ctx, "decided", slog.String("component", string(d.Component)), slog.String("do", string(d.Do)),
			slog.String("why", d.Why))
	}
	return s.failure()
}

// planMissing decides about images that the registry lacks, by their index. That the registry cannot be asked about one is the
// decision's error, and hides no other.
func (c *Checker) planMissing(ctx context.Context, s *State, missing []int) error {
	if len(missing) == 0 {
		return nil
	}
	images := make([]plan.Image, len(missing))
	for n, i := range missing {
		images[n] = c.plan.Images[i]
	}
	all, err := c.env.Clients.Keys().Of(ctx, images)
	if err != nil {
		return err
	}
	index := inputs.NewKeyIndex(c.registry)
	parallel.All(parallel.Lookups, missing, func(n, i int) {
		s.Decisions[i] = c.planImage(ctx, index, images[n], all[images[n].Component])
	})
	return context.Cause(ctx)
}

func (c *Checker) planImage(ctx context.Context, index inputs.KeyIndex, image plan.Image, in inputs.Inputs) Decision {
	d := Decision{Action: plan.Action{Component: image.Component, Do: plan.DoBuild}, Inputs: in}
	switch {
	case c.options.Rebuild:
		d.Why = "-rebuild"
		return d
	case c.plan.Commit.IsDirty():
		d.Why = "the working tree differs from the commit"
		return d
	}
	found, why, err := index.Find(ctx, image.Repository, in)
	switch {
	case err != nil:
		d.Do, d.Why, d.err = plan.DoUnknown, problem.FirstLine(err), err
	case why != "" && in.Commit:
		d.Why = "its Dockerfile asks for the commit's time (ARG SOURCE_DATE_EPOCH)"
	case why != "":
		d.Why = why
	default:
		d.Do, d.Found = plan.DoRetag, found
		d.Why = "commit " + found.Origin.Revision.Short() + " has the same inputs"
	}
	return d
}

// PlanPrepared decides again about what is to be built, once `prepare` has run for it: what it made may turn out to be that of before.
// Such an image is published already.
func (c *Checker) PlanPrepared(ctx context.Context, s *State) error {
	if len(s.To(plan.DoBuild)) == 0 || len(c.plan.Prepare.Run) == 0 {
		return nil
	}
	s.prepared = true
	var building []int
	for i, d := range s.Decisions {
		if d.Do == plan.DoBuild {
			building = append(building, i)
		}
	}
	if err := c.planMissing(ctx, s, building); err != nil {
		return err
	}
	if err := c.noteVarying(ctx, s); err != nil {
		return err
	}
	return s.failure()
}

// noteVarying reports components of which `prepare` made other files than it once made from the same inputs: they are rebuilt and
// redeployed with each commit that runs it.
func (c *Checker) noteVarying(ctx context.Context, s *State) error {
	all, err := c.env.Clients.Keys().Of(ctx, s.To(plan.DoRetag))
	if err != nil {
		return err
	}
	for _, d := range s.Decisions {
		in := all[d.Component]
		if d.Do == plan.DoRetag && in.Key != "" && in.Key != d.Found.Origin.Key {
			c.env.Console.Note(fmt.Sprintf("notice: %s: `prepare` has made other files than for commit %s of the same sources: "+
				"archives may hold the time of their build, see `mage doctor`", d.Component, d.Found.Origin.Revision.Short()))
		}
	}
	return nil
}
