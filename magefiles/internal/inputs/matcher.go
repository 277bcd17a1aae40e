package inputs

import (
	"context"
	"fmt"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/inspect"
)

// SourceMatcher finds out whether what the registry has under a tag is the image of a commit: one that is made of the same as the
// commit's sources are now, or that a run of this commit has recorded before it tagged it: a base image may have moved since.
// Digests do not count: two builds of the same may differ in times. Neither does what an image says of itself where its parts
// disagree.
type SourceMatcher struct {
	registry *registry.Client
	keys     *Keys
	plan     *plan.Plan
}

// NewSourceMatcher returns the matcher of a plan's commit.
func NewSourceMatcher(client *registry.Client, keys *Keys, p *plan.Plan) SourceMatcher {
	return SourceMatcher{registry: client, keys: keys, plan: p}
}

// Match returns registry.Image.Same of an image.
func (m SourceMatcher) Match(ctx context.Context, image plan.Image) func(inspect.Origin) (bool, error) {
	return func(origin inspect.Origin) (bool, error) {
		if origin.Conflict != "" {
			return false, nil
		}
		if recorded, err := NewKeyIndex(m.registry).isRecorded(ctx, image, m.plan.Commit, origin); err != nil || recorded {
			return recorded, err
		}
		if origin.Key == "" && origin.Revision != m.plan.Commit.SHA {
			return false, nil
		}
		all, err := m.keys.Of(ctx, m.plan.Images)
		return err == nil && all[image.Component].isOf(origin, m.plan.Commit.SHA), err
	}
}

// MatchInputs returns registry.Image.Same of an image whose inputs are known.
func (m SourceMatcher) MatchInputs(ctx context.Context, image plan.Image, in Inputs) func(inspect.Origin) (bool, error) {
	return func(origin inspect.Origin) (bool, error) {
		if origin.Conflict == "" && in.isOf(origin, m.plan.Commit.SHA) {
			return true, nil
		}
		return m.Match(ctx, image)(origin)
	}
}

// Lookup asks the registry where the image comes from that it has under a tag.
func (m SourceMatcher) Lookup(
	ctx context.Context, image plan.Image, desc ocispec.Descriptor,
) (origin inspect.Origin, same bool, err error) {
	if origin, err = m.registry.Origin(ctx, image.Ref(), desc); err == nil {
		same, err = m.Match(ctx, image)(origin)
	}
	return origin, same, err
}

// Ensure refuses an image that is not the same.
func (m SourceMatcher) Ensure(ctx context.Context, image plan.Image, desc ocispec.Descriptor) error {
	origin, same, err := m.Lookup(ctx, image, desc)
	if err != nil || same {
		return err
	}
	return problem.New(problem.Refused, "a published tag never changes: release from a new commit, or use {{ .ShortSHA }} in `tag`; "+
		"if this tag is the commit's own, find out who pushed it", "finding %s in the registry: it is another image (%s), %s",
		image.Ref(), desc.Digest, m.Difference(origin))
}

// Difference says what is wrong with an image of an origin.
func (m SourceMatcher) Difference(origin inspect.Origin) string {
	switch {
	case origin.Conflict != "":
		return "which contradicts itself: " + origin.Conflict
	case origin.Revision == m.plan.Commit.SHA && origin.Key == "":
		return "which does not say what it is made of"
	case origin.Revision == m.plan.Commit.SHA:
		return "which says that it is of this commit and is made of something else: other sources, or a base image that has moved since"
	}
	return "built from other sources at " + revisionText(origin)
}

// revisionText is the commit that an image says it was built from, for people.
func revisionText(origin inspect.Origin) string {
	if origin.Revision == "" {
		return "an unknown commit"
	}
	return fmt.Sprintf("commit %q", origin.Revision.Short())
}
