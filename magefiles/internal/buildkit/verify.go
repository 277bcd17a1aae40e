package buildkit

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/core/images"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// verifyBuilt holds a build's answer against what an image must be, before anything gets its name: BuildKit exports an empty image
// where it is given an empty result, and reports success. What a daemon has pushed is fetched by Options.Fetch.
func (b *builder) verifyBuilt(ctx context.Context, q *frontendQuery, root ocispec.Descriptor, pushed bool) error {
	img := q.job.Image
	fetch := func(ctx context.Context, desc ocispec.Descriptor) ([]byte, error) {
		return content.ReadBlob(ctx, b.layout.Store(), desc)
	}
	if pushed {
		if b.opts.Fetch == nil {
			return nil
		}
		fetch = func(ctx context.Context, desc ocispec.Descriptor) ([]byte, error) {
			return b.opts.Fetch(ctx, img.Repository, desc)
		}
	}
	if err := verifyImage(ctx, root, q.labels, fetch); err != nil {
		return problem.New(problem.Failed, "this is a fault of astrago-ci or of the BuildKit daemon: report it with the log of this build",
			"building component %q: the daemon has exported no image: %w", img.Component, err)
	}
	return nil
}

// documentReader returns a manifest or a configuration.
type documentReader func(context.Context, ocispec.Descriptor) ([]byte, error)

func (r documentReader) decodeJSON(ctx context.Context, desc ocispec.Descriptor, into any) error {
	data, err := r(ctx, ocispec.Descriptor{MediaType: desc.MediaType, Digest: desc.Digest, Size: desc.Size})
	if err != nil {
		return fmt.Errorf("reading %s: %w", desc.Digest, err)
	}
	return json.Unmarshal(data, into)
}

// verifyImage holds that a root leads to manifests whose layers are those of their configurations, and these what was asked for:
// they have the labels.
func verifyImage(ctx context.Context, root ocispec.Descriptor, labels map[string]string, read documentReader) error {
	manifests := []ocispec.Descriptor{root}
	if images.IsIndexType(root.MediaType) {
		var index ocispec.Index
		if err := read.decodeJSON(ctx, root, &index); err != nil {
			return err
		}
		manifests = slices.DeleteFunc(index.Manifests,
			func(d ocispec.Descriptor) bool { return d.Annotations[annotationReferenceType] != "" })
	}
	for _, desc := range manifests {
		if err := verifyManifest(ctx, desc, labels, read); err != nil {
			return err
		}
	}
	if len(manifests) == 0 {
		return fmt.Errorf("index %s has no manifest of an image", root.Digest)
	}
	return nil
}

func verifyManifest(ctx context.Context, desc ocispec.Descriptor, labels map[string]string, read documentReader) error {
	var manifest ocispec.Manifest
	if err := read.decodeJSON(ctx, desc, &manifest); err != nil {
		return err
	}
	var config ocispec.Image
	if err := read.decodeJSON(ctx, manifest.Config, &config); err != nil {
		return err
	}
	if config.OS == "" || config.Architecture == "" || len(manifest.Layers) != len(config.RootFS.DiffIDs) {
		return fmt.Errorf("manifest %s has %d layers, and its configuration for %q names %d",
			desc.Digest, len(manifest.Layers), config.OS+"/"+config.Architecture, len(config.RootFS.DiffIDs))
	}
	for name, value := range labels {
		if config.Config.Labels[name] != value {
			return fmt.Errorf("manifest %s has no label %s=%q", desc.Digest, name, value)
		}
	}
	return nil
}
