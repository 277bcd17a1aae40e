package registry

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/containerd/containerd/v2/core/images"
	"github.com/containerd/containerd/v2/core/remotes/docker"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// maxDocument bounds manifests and image configurations, in bytes; registries take manifests up to this size.
const maxDocument = 4 << 20

// Revision gives the source commit that an image names, from org.opencontainers.image.revision of its manifest's
// annotations or its configuration's labels; for an index, of its own annotations or its first platform's image. It is
// empty where the image names none. The descriptor is what Resolve gave.
func (c *Client) Revision(ctx context.Context, reference string, desc ocispec.Descriptor) (string, error) {
	r, err := parse(reference)
	if err != nil {
		return "", err
	}
	revision, err := c.revision(ctx, r.at(desc.Digest), desc)
	return revision, c.explain(ctx, "reading the revision of", r, err)
}

func (c *Client) revision(ctx context.Context, r ref, desc ocispec.Descriptor) (string, error) {
	var document struct {
		Annotations map[string]string    `json:"annotations"`
		Config      ocispec.Descriptor   `json:"config"`
		Manifests   []ocispec.Descriptor `json:"manifests"`
	}
	if err := c.document(ctx, r, desc, &document); err != nil {
		return "", err
	}
	if revision := document.Annotations[ocispec.AnnotationRevision]; revision != "" {
		return revision, nil
	}
	for _, manifest := range document.Manifests {
		if images.IsManifestType(manifest.MediaType) && !isAttestation(manifest) {
			return c.revision(ctx, r, manifest)
		}
	}
	if !images.IsConfigType(document.Config.MediaType) {
		return "", nil
	}
	var image ocispec.Image
	if err := c.document(ctx, r, document.Config, &image); err != nil {
		return "", err
	}
	return image.Config.Labels[ocispec.AnnotationRevision], nil
}

// isAttestation tells BuildKit's provenance and SBOM manifests, which stand in an index beside the images.
func isAttestation(desc ocispec.Descriptor) bool {
	return desc.Annotations["vnd.docker.reference.type"] != "" || desc.Platform != nil && desc.Platform.OS == "unknown"
}

// document fetches JSON by its digest and checks it.
func (c *Client) document(ctx context.Context, r ref, desc ocispec.Descriptor, into any) error {
	if desc.Size > maxDocument {
		return fmt.Errorf("reading %s: %d bytes are too many for a manifest or a configuration", desc.Digest, desc.Size)
	}
	// Without URLs: they are the image's own and may lead anywhere.
	plain := ocispec.Descriptor{MediaType: desc.MediaType, Digest: desc.Digest, Size: desc.Size}
	return c.retry(quiet(ctx), func(ctx context.Context) error {
		fetcher, err := c.resolver(docker.NewInMemoryTracker()).Fetcher(ctx, r.String())
		if err != nil {
			return err
		}
		body, err := fetcher.Fetch(ctx, plain)
		if err != nil {
			return err
		}
		defer body.Close()
		content, err := io.ReadAll(io.LimitReader(body, maxDocument))
		if err != nil {
			return err
		}
		if actual := desc.Digest.Algorithm().FromBytes(content); actual != desc.Digest {
			return fmt.Errorf("reading %s: the registry sent content with the digest %s", desc.Digest, actual)
		}
		return json.Unmarshal(content, into)
	})
}
