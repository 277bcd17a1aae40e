package imageload

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/core/images"
	"github.com/containerd/platforms"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// platformImage is one image for one platform.
type platformImage struct {
	ref      string
	root     ocispec.Descriptor // what the layout names: the manifest itself, or an index that lists it
	desc     ocispec.Descriptor // the manifest
	manifest ocispec.Manifest
}

// allBlobs are all that is below the root, from the leaves up.
func (c platformImage) allBlobs() []ocispec.Descriptor {
	return append(slices.Clone(c.manifest.Layers), c.manifest.Config, c.desc)
}

// chooseManifest returns an image's manifest for a platform; it is false where an index has none. An image without an index is taken
// as it is: a machine may run other platforms than its own by emulation.
func chooseManifest(ctx context.Context, provider content.Provider, image Image,
	platform platforms.MatchComparer,
) (platformImage, bool, error) {
	c := platformImage{ref: image.Ref, root: image.Descriptor, desc: image.Descriptor}
	if images.IsIndexType(image.Descriptor.MediaType) {
		var index ocispec.Index
		if err := readBlobJSON(ctx, provider, image.Descriptor, &index); err != nil {
			return c, false, fmt.Errorf("reading %s: %w", image.Ref, err)
		}
		// Attestations are listed, too, for the platform unknown/unknown.
		fit := slices.DeleteFunc(index.Manifests, func(d ocispec.Descriptor) bool {
			return d.Platform == nil || !platform.Match(*d.Platform) || !images.IsManifestType(d.MediaType)
		})
		if len(fit) == 0 {
			return c, false, nil
		}
		c.desc = slices.MinFunc(fit, func(a, b ocispec.Descriptor) int {
			switch {
			case platform.Less(*a.Platform, *b.Platform):
				return -1
			case platform.Less(*b.Platform, *a.Platform):
				return 1
			}
			return 0
		})
	}
	if err := readBlobJSON(ctx, provider, c.desc, &c.manifest); err != nil {
		return c, false, fmt.Errorf("reading %s: %w", image.Ref, err)
	}
	return c, true, nil
}

func readBlobJSON(ctx context.Context, provider content.Provider, desc ocispec.Descriptor, into any) error {
	data, err := content.ReadBlob(ctx, provider, desc)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("decoding %s: %w", desc.Digest, err)
	}
	return nil
}

// planLoad sorts out what a target lacks. has reports whether it has an image already.
func planLoad(ctx context.Context, provider content.Provider, list []Image, platform platforms.MatchComparer,
	has func(context.Context, platformImage) (bool, error),
) (missing []platformImage, result Result, err error) {
	result.States = make(map[string]State, len(list))
	for _, image := range list {
		c, ok, err := chooseManifest(ctx, provider, image, platform)
		if err != nil {
			return nil, result, err
		}
		if !ok {
			result.States[image.Ref] = Foreign
			continue
		}
		present, err := has(ctx, c)
		if err != nil {
			return nil, result, err
		}
		if present {
			result.States[image.Ref] = Present
			continue
		}
		result.States[image.Ref] = Loaded
		missing = append(missing, c)
	}
	return missing, result, nil
}
