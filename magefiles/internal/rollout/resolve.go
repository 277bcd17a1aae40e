package rollout

import (
	"context"
	"errors"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
)

// Resolve returns what the registry has under an image's tag, an empty descriptor where it lacks the tag.
func Resolve(ctx context.Context, client *registry.Client, image plan.Image) (ocispec.Descriptor, error) {
	desc, err := client.Resolve(ctx, image.Ref())
	if errors.Is(err, registry.ErrNotFound) {
		return ocispec.Descriptor{}, nil
	}
	return desc, err
}

// RequireInRegistry refuses to name images that the registry lacks.
func RequireInRegistry(missing []plan.Image, remedy string) error {
	if len(missing) == 0 {
		return nil
	}
	return problem.New(problem.Refused, remedy, "looking for the images: the registry has no such image, or the token may not see it\n  %s",
		strings.Join(Refs(missing), "\n  "))
}

// Refs returns the references of images.
func Refs(images []plan.Image) []string {
	refs := make([]string, len(images))
	for i, image := range images {
		refs[i] = image.Ref().String()
	}
	return refs
}

// MovedTag returns the error about an image whose tag names another one now than when it was deployed.
func MovedTag(doing, remedy string, image plan.Image, deployed Recorded, now ocispec.Descriptor) error {
	return problem.New(problem.Refused, remedy,
		"%s %s: the tag names another image than the one that was deployed\n  deployed         %s in %s\n  in the registry  %s",
		doing, image.Ref(), deployed.Digest, deployed.In, now.Digest)
}
