package preflight

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/xiilab/astrago-ci/magefiles/internal/parallel"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/rollout"
)

// PreviewActions says what a release would do about each image. An image whose registry cannot be asked is left open, with the
// reason; the others are not.
func (c *Checker) PreviewActions(ctx context.Context) ([]plan.Action, error) {
	s := newState(c.plan)
	s.Decisions = make([]Decision, len(c.plan.Images))
	failed := c.previewTags(ctx, s)
	var missing []int
	for i, image := range c.plan.Images {
		d := Decision{Action: plan.Action{Component: image.Component, Do: plan.DoDone, Why: "the registry has it"}}
		switch {
		case failed[i] != nil:
			d.Do, d.Why = plan.DoUnknown, problem.FirstLine(failed[i])
		case s.Published[i].Digest == "":
			missing = append(missing, i)
		}
		s.Decisions[i] = d
	}
	err := c.planMissing(ctx, s, missing)
	if cause := context.Cause(ctx); cause != nil {
		return nil, cause
	}
	if err != nil {
		return nil, err
	}
	c.previewConflicts(ctx, s)
	return s.Actions(), context.Cause(ctx)
}

// previewTags asks for every tag of the plan, and returns the failures by image. A registry that does not answer is not asked for
// the next one: each question takes its time.
func (c *Checker) previewTags(ctx context.Context, s *State) []error {
	failed := make([]error, len(c.plan.Images))
	var silent sync.Map // the image that its registry did not answer for, by registry
	parallel.All(parallel.Lookups, c.plan.Images, func(i int, image plan.Image) {
		host := image.Repository.Host
		if asked, known := silent.Load(host); known {
			failed[i] = fmt.Errorf("%s was not asked: it has not answered for %s", host, asked)
			return
		}
		s.Published[i], failed[i] = rollout.Resolve(ctx, c.registry, image)
		if failed[i] != nil && !errors.Is(failed[i], registry.ErrDenied) {
			silent.Store(host, image.Component)
		}
	})
	return failed
}

// previewConflicts finds the tags that the registry has with images of something else, at which a release would stop. What bumps
// have recorded is not looked at: a plan needs no deployment repository.
func (c *Checker) previewConflicts(ctx context.Context, s *State) {
	matcher := c.env.Clients.Matcher()
	parallel.All(parallel.Lookups, c.plan.Images, func(i int, image plan.Image) {
		d := &s.Decisions[i]
		if s.Published[i].Digest == "" || d.Do != plan.DoDone {
			return
		}
		origin, ok, err := matcher.Lookup(ctx, image, s.Published[i])
		switch {
		case err != nil:
			d.Do, d.Why = plan.DoUnknown, problem.FirstLine(err)
		case !ok:
			d.Do, d.Why = plan.DoRefuse, "its tag names another image, "+matcher.Difference(origin)
		}
	})
}
