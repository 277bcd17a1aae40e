package release

import (
	"context"
	"fmt"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
)

// sameness tells whether what the registry has under a tag is the image of this commit: one that it built, or another that is
// made of the same, or was when a run of this commit tagged it: a base image may have moved since. Digests do not count: two
// builds of the same may differ in times.
type sameness struct {
	*session
	ctx context.Context
}

func (s *session) sameness(ctx context.Context) sameness { return sameness{session: s, ctx: ctx} }

// of gives registry.Image.Same of an image.
func (s sameness) of(image plan.Image) func(registry.Origin) (bool, error) {
	return func(origin registry.Origin) (bool, error) {
		if origin.Revision == s.plan.Commit.SHA || origin.Key == "" && origin.PrepareKey == "" {
			return origin.Revision == s.plan.Commit.SHA, nil
		}
		all, err := s.keysOf().of(s.ctx, s.plan.Images)
		if err != nil || all[image.Component].matches(origin) {
			return err == nil, err
		}
		return keyIndex{s.registry()}.agreed(s.ctx, image, s.plan.Commit, origin)
	}
}

// as gives registry.Image.Same of an image whose keys are known.
func (s sameness) as(m made) func(registry.Origin) (bool, error) {
	return func(origin registry.Origin) (bool, error) {
		return origin.Revision == s.plan.Commit.SHA || m.matches(origin), nil
	}
}

// look asks the registry where the image comes from that it has under a tag.
func (s sameness) look(ctx context.Context, image plan.Image, desc ocispec.Descriptor) (origin registry.Origin, same bool, err error) {
	if origin, err = s.registry().Origin(ctx, image.Ref(), desc); err == nil {
		same, err = s.of(image)(origin)
	}
	return origin, same, err
}

// require refuses an image that is not the same.
func (s sameness) require(ctx context.Context, image plan.Image, desc ocispec.Descriptor) error {
	origin, same, err := s.look(ctx, image, desc)
	if err != nil || same {
		return err
	}
	return problem.New(problem.Refused, "a published tag never changes: release from a new commit, or use {{ .ShortSHA }} in `tag`",
		"finding %s in the registry: it is another image (%s), built from other sources at %s", image.Ref(), desc.Digest, madeAt(origin))
}

// madeAt is the commit that an image says it was built from.
func madeAt(origin registry.Origin) string {
	if origin.Revision == "" {
		return "an unknown commit"
	}
	return fmt.Sprintf("commit %.8q", origin.Revision)
}
