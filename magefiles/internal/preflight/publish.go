package preflight

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/parallel"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/rollout"
)

// CheckImages looks at what the registry lacks and may refuse, without asking where it is to be deployed.
func (c *Checker) CheckImages(ctx context.Context) (*State, error) {
	ctx, stage := c.env.Stage(ctx, "check")
	s, err := c.checkImages(ctx)
	if err != nil {
		stage.Fail(err)
		return nil, err
	}
	stage.Done(c.summary(s))
	return s, nil
}

func (c *Checker) checkImages(ctx context.Context) (*State, error) {
	s := newState(c.plan)
	group, asking := errgroup.WithContext(ctx)
	group.Go(func() error { return c.fetchTags(asking, s) })
	group.Go(c.requireClean)
	if err := group.Wait(); err != nil {
		return nil, err
	}
	if err := c.requireSameInputs(ctx, s); err != nil {
		return nil, err
	}
	return s, c.planPush(ctx, s)
}

// planPush makes sure that what the registry lacks can be pushed, and decides about each image.
func (c *Checker) planPush(ctx context.Context, s *State) error {
	if err := c.requirePush(ctx, s.Missing()); err != nil {
		return err
	}
	return c.planActions(ctx, s)
}

// requirePush proves that the registry's token may push, once for each repository.
func (c *Checker) requirePush(ctx context.Context, images []plan.Image) error {
	if c.env.OnlyReads() {
		return nil
	}
	var repositories []imageref.Repository
	for _, image := range images {
		if !slices.Contains(repositories, image.Repository) {
			repositories = append(repositories, image.Repository)
		}
	}
	return parallel.Each(ctx, parallel.Lookups, repositories, func(ctx context.Context, _ int, r imageref.Repository) error {
		return c.registry.CheckPush(ctx, r)
	})
}

// RequirePublishable is a Require: it decides about each image, and refuses what could not be pushed.
func (c *Checker) RequirePublishable(ctx context.Context, s *State) error {
	if err := c.planPush(ctx, s); err != nil {
		return err
	}
	return c.env.Clients.Guard().RequireCertain(ctx, "push")
}

// RequirePublished is a Require: it refuses to name images that the registry lacks, or that are not those that were handed over.
func (c *Checker) RequirePublished(ctx context.Context, s *State) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	missing := s.Missing()
	if len(missing) == 0 {
		return c.requireHandedOver(s)
	}
	return problem.New(problem.Refused, "push them first: mage push (or all at once: mage release)",
		"refusing to bump: the registry has no such image, or the token may not see it\n  %s", strings.Join(rollout.Refs(missing), "\n  "))
}

// Confirm resolves every tag just before the commit that names it, and refuses another image than this run has built. Where nothing was
// published since the check, neither by this job nor by the one that hands images over, that was a moment ago.
func (c *Checker) Confirm(ctx context.Context, s *State) error {
	if c.options.Images != nil || len(s.Missing()) > 0 {
		if err := c.fetchTags(ctx, s); err != nil {
			return err
		}
	}
	return s.requireBuilt()
}
