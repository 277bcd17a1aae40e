package release

import (
	"context"
	"slices"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// A release may be two jobs: one that runs what the application and its dependencies wrote and can push images, and one that
// can deploy and runs none of that. The first hands the second a list of images, repository:tag@digest.

// pushMissing builds and pushes what the registry lacks, as a release does, without asking where it is to be deployed.
func (s *session) pushMissing(ctx context.Context) error {
	now := &state{published: make([]ocispec.Descriptor, len(s.plan.Images))}
	checking, stage := s.stage(ctx, "check")
	if err := s.checkMissing(checking, now); err != nil {
		stage.Fail(err)
		return err
	}
	stage.Done(s.checked(now))
	missing := len(now.missing(s.plan.Images))
	if err := s.prepareImages(ctx, now); err != nil {
		return err
	}
	if err := s.publish(ctx, now, func() error { return nil }); err != nil {
		return err
	}
	return s.confirm(ctx, now, missing > 0)
}

func (s *session) checkMissing(ctx context.Context, now *state) error {
	group, asking := errgroup.WithContext(ctx)
	group.Go(func() error { return s.observeTags(asking, now) })
	group.Go(s.requireClean)
	if err := group.Wait(); err != nil {
		return err
	}
	if err := s.requireSameInputs(ctx, now); err != nil {
		return err
	}
	if err := s.requirePush(ctx, now.missing(s.plan.Images)); err != nil {
		return err
	}
	return s.decide(ctx, now)
}

// requireHandedOver refuses to deploy images other than those that were handed over. It passes where none were.
func (s *session) requireHandedOver(now *state) error {
	handedOver := s.options.Images
	if handedOver == nil {
		return nil
	}
	for i, image := range s.plan.Images {
		if digest := now.published[i].Digest; digest != "" && !slices.Contains(handedOver, image.Ref()+"@"+digest.String()) {
			return problem.New(problem.Refused, "run the job that builds again, and hand over what it prints: mage push -build",
				"refusing to deploy %s: the registry has it as %s, which is not what -images hands over%s",
				image.Ref(), digest, handedAs(handedOver, image))
		}
	}
	return nil
}

// handedAs says what was handed over in the place of an image.
func handedAs(handedOver []string, image plan.Image) string {
	for _, ref := range handedOver {
		if len(ref) > len(image.Ref()) && ref[:len(image.Ref())+1] == image.Ref()+"@" {
			return ": that is " + ref[len(image.Ref())+1:]
		}
	}
	return ", where it does not stand"
}
