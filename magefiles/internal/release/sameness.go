package release

import (
	"context"
	"fmt"
	"sync"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/source"
)

// sameness tells whether what the registry has under a tag is the image of this commit: one that it built, or another from
// the same sources. What base images are by now does not count: what is published stays.
type sameness struct {
	*session
	tree func() (source.Tree, error) // read when the first image asks for it
}

func (s *session) sameness(ctx context.Context) sameness {
	return sameness{session: s, tree: sync.OnceValues(func() (source.Tree, error) { return source.ReadTree(ctx, s.plan.Commit) })}
}

// of gives registry.Image.Same of an image.
func (s sameness) of(image plan.Image) func(registry.Origin) (bool, error) {
	return func(origin registry.Origin) (bool, error) {
		if origin.Revision == s.plan.Commit.SHA {
			return true, nil
		}
		files, err := s.tree()
		return err == nil && origin.Sources != "" && origin.Sources == s.inputs(image, files).Sources, err
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
