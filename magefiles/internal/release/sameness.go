package release

import (
	"context"
	"fmt"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/inspect"
)

// sameness reports whether what the registry has under a tag is the image of this commit: one that is made of the same as the commit's
// sources are now, or that a run of this commit has recorded before it tagged it: a base image may have moved since. Digests do not
// count: two builds of the same may differ in times. Neither does what an image says of itself where its parts disagree.
type sameness struct {
	*session
	ctx context.Context
}

func (s *session) sameness(ctx context.Context) sameness { return sameness{session: s, ctx: ctx} }

// of gives push.Image.Same of an image.
func (s sameness) of(image plan.Image) func(inspect.Origin) (bool, error) {
	return func(origin inspect.Origin) (bool, error) {
		if origin.Conflict != "" {
			return false, nil
		}
		if recorded, err := (keyIndex{s.registry()}).recorded(s.ctx, image, s.plan.Commit, origin); err != nil || recorded {
			return recorded, err
		}
		if origin.Key == "" && origin.Revision != s.plan.Commit.SHA {
			return false, nil
		}
		all, err := s.keysOf().of(s.ctx, s.plan.Images)
		return err == nil && all[image.Component].isOf(origin, s.plan.Commit.SHA), err
	}
}

// as gives push.Image.Same of an image whose keys are known.
func (s sameness) as(image plan.Image, m made) func(inspect.Origin) (bool, error) {
	return func(origin inspect.Origin) (bool, error) {
		if origin.Conflict == "" && m.isOf(origin, s.plan.Commit.SHA) {
			return true, nil
		}
		return s.of(image)(origin)
	}
}

// look asks the registry where the image comes from that it has under a tag.
func (s sameness) look(ctx context.Context, image plan.Image, desc ocispec.Descriptor) (origin inspect.Origin, same bool, err error) {
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
	return problem.New(problem.Refused, "a published tag never changes: release from a new commit, or use {{ .ShortSHA }} in `tag`; "+
		"if this tag is the commit's own, find out who pushed it", "finding %s in the registry: it is another image (%s), %s",
		image.Ref(), desc.Digest, s.another(origin))
}

// another says what is wrong with an image of an origin.
func (s sameness) another(origin inspect.Origin) string {
	switch {
	case origin.Conflict != "":
		return "which contradicts itself: " + origin.Conflict
	case origin.Revision == s.plan.Commit.SHA && origin.Key == "":
		return "which does not say what it is made of"
	case origin.Revision == s.plan.Commit.SHA:
		return "which says that it is of this commit and is made of something else: other sources, or a base image that has moved since"
	}
	return "built from other sources at " + madeAt(origin)
}

// madeAt is the commit that an image says it was built from.
func madeAt(origin inspect.Origin) string {
	if origin.Revision == "" {
		return "an unknown commit"
	}
	return fmt.Sprintf("commit %.8q", origin.Revision)
}

// requireOwn refuses to deploy another image than the one that this run has built, where the tag names one by now.
func requireOwn(now *state, images []plan.Image) error {
	for i, d := range now.decisions {
		if found := now.published[i].Digest; d.built != "" && found != "" && found != d.built {
			return problem.New(problem.Refused, "see which run has put it; to deploy what is there, as far as it is made of the same: run the same command again",
				"refusing to deploy %s: the registry has %s under this tag by now, and this run has built %s", images[i].Ref(), found, d.built)
		}
	}
	return nil
}
