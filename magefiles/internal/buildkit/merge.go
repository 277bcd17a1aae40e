package buildkit

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/platforms"
	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// annotationReferenceType marks the manifest of attestations in an index (buildkit, docs/attestations/attestation-storage.md).
const annotationReferenceType = "vnd.docker.reference.type"

// mergeIndexes makes one index of what several daemons built of an image: the bytes that one daemon would have made, as its
// platforms and annotations stand in the plan's order. The root of a single daemon is the image's.
func (e exporter) mergeIndexes(ctx context.Context, img plan.Image, roots []ocispec.Descriptor, key string) (ocispec.Descriptor, error) {
	if len(roots) == 1 {
		return roots[0], nil
	}
	index := ocispec.Index{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex,
		Annotations: e.originAnnotations(img.Component),
	}
	if key != "" {
		index.Annotations[plan.KeyAnnotation] = key
	}
	for _, root := range roots {
		manifests, err := e.layout.Manifests(ctx, root)
		if err != nil {
			return ocispec.Descriptor{}, err
		}
		index.Manifests = append(index.Manifests, manifests...)
	}
	slices.SortStableFunc(index.Manifests,
		func(a, b ocispec.Descriptor) int { return cmp.Compare(indexPosition(img, a), indexPosition(img, b)) })
	data, err := json.MarshalIndent(index, "", "  ") // as BuildKit does
	if err != nil {
		return ocispec.Descriptor{}, fmt.Errorf("encoding the index of %q: %w", img.Component, err)
	}
	desc := ocispec.Descriptor{MediaType: index.MediaType, Digest: digest.FromBytes(data), Size: int64(len(data))}
	if err := content.WriteBlob(ctx, e.layout.Store(), desc.Digest.String(), bytes.NewReader(data), desc); err != nil {
		return ocispec.Descriptor{}, fmt.Errorf("writing the index of %q: %w", img.Component, err)
	}
	return desc, nil
}

// indexPosition is a manifest's place in the index: platforms in the plan's order, then attestations in the order in which
// they came.
func indexPosition(img plan.Image, desc ocispec.Descriptor) int {
	if desc.Annotations[annotationReferenceType] != "" || desc.Platform == nil {
		return len(img.Platforms)
	}
	return slices.IndexFunc(img.Platforms, func(name string) bool {
		p, err := platforms.Parse(name)
		return err == nil && platforms.FormatAll(platforms.Normalize(p)) == platforms.FormatAll(platforms.Normalize(*desc.Platform))
	})
}
