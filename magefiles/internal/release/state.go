package release

import (
	"context"
	"errors"
	"slices"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"

	"github.com/xiilab/astrago-ci/magefiles/internal/deployment"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
)

// lookups bounds how many questions are asked at once.
const lookups = 16

// state is the world before a release: one HEAD a component and one read a deployment, all at once.
type state struct {
	published []ocispec.Descriptor   // by the plan's order; no digest where the registry lacks the tag
	snapshots []*deployment.Snapshot // by the plan's order
	decisions []decision             // by the plan's order, once decide has run
}

// observe asks the registry and the deployment repositories where everything stands.
func (s *session) observe(ctx context.Context) (*state, error) {
	now := &state{
		published: make([]ocispec.Descriptor, len(s.plan.Images)),
		snapshots: make([]*deployment.Snapshot, len(s.plan.Deployments)),
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(lookups)
	for i, target := range s.plan.Deployments {
		client, err := s.deployment()
		if err != nil {
			return nil, err
		}
		group.Go(func() (err error) {
			now.snapshots[i], err = client.Read(ctx, target)
			return err
		})
	}
	group.Go(func() error { return s.observeTags(ctx, now) })
	group.Go(s.requireClean) // no answer is waited for when it is not
	return now, group.Wait()
}

// observeTags asks for every tag of the plan.
func (s *session) observeTags(ctx context.Context, now *state) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(lookups)
	for i, image := range s.plan.Images {
		group.Go(func() (err error) {
			now.published[i], err = s.resolve(ctx, image)
			return err
		})
	}
	return group.Wait()
}

// resolve gives an empty descriptor for a tag that the registry lacks.
func (s *session) resolve(ctx context.Context, image plan.Image) (ocispec.Descriptor, error) {
	desc, err := s.registry().Resolve(ctx, image.Ref())
	if errors.Is(err, registry.ErrNotFound) {
		return ocispec.Descriptor{}, nil
	}
	return desc, err
}

// missing are the images that the registry lacks.
func (now *state) missing(images []plan.Image) []plan.Image {
	var missing []plan.Image
	for i, image := range images {
		if now.published[i].Digest == "" {
			missing = append(missing, image)
		}
	}
	return missing
}

// requireSameInputs refuses tags that the registry has with an image of something else: a tag never changes its content.
// A bump that recorded the same digest for this commit proves it without a request, and so does the job that hands it over; else the
// image is asked.
func (s *session) requireSameInputs(ctx context.Context, now *state) error {
	same := s.sameness(ctx)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(lookups)
	for i, image := range s.plan.Images {
		desc := now.published[i]
		if desc.Digest == "" || s.recorded(now, image, desc) || slices.Contains(s.options.Images, image.Ref()+"@"+desc.Digest.String()) {
			continue
		}
		group.Go(func() error { return same.require(ctx, image, desc) })
	}
	return group.Wait()
}

// recorded reports whether a bump of this very commit named this very image.
func (s *session) recorded(now *state, image plan.Image, desc ocispec.Descriptor) bool {
	want := image.Component + " " + image.Repository + "@" + desc.Digest.String()
	for _, snapshot := range now.snapshots {
		for _, commit := range snapshot.History {
			trailers := commit.Trailers()
			repository, sha, _ := trailers.SourceOf(image.Component)
			if repository != s.plan.Commit.Repository || sha != s.plan.Commit.SHA || repository == "" {
				continue
			}
			for _, named := range trailers.All(deployment.TrailerImage) {
				if strings.TrimSpace(named) == want {
					return true
				}
			}
		}
	}
	return false
}
