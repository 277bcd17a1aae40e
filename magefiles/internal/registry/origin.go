package registry

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/containerd/containerd/v2/core/images"
	"github.com/containerd/containerd/v2/core/remotes/docker"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// Origin is what an image says of what it was built from. What it does not say is empty.
type Origin struct {
	Revision   string // the source commit, org.opencontainers.image.revision
	Key        string // plan.KeyAnnotation
	PrepareKey string // plan.PrepareKeyAnnotation
}

// Origin reads the annotations of an image's manifest or index. An image that names its revision in its configuration's
// labels only is asked there; for an index that names none, its first platform's image answers. The descriptor is what
// Resolve gave.
func (c *Client) Origin(ctx context.Context, reference string, desc ocispec.Descriptor) (Origin, error) {
	r, err := parse(reference)
	if err != nil {
		return Origin{}, err
	}
	origin, err := c.origin(ctx, r, desc)
	return origin, c.explain(ctx, "reading the origin of", r, err)
}

// Found is an image that the registry has.
type Found struct {
	Descriptor ocispec.Descriptor
	Origin     Origin
	Manifest   []byte // the manifest or index itself
}

// Lookup gives what a tag or digest names, as Resolve does, and its Origin and manifest with it: one GET when a token is at
// hand and the manifest or index names its revision itself.
func (c *Client) Lookup(ctx context.Context, reference string) (Found, error) {
	r, err := parseImage(reference)
	if err != nil {
		return Found{}, err
	}
	if c.push {
		ctx = docker.WithScope(ctx, r.scope())
	}
	found := Found{}
	found.Descriptor, found.Manifest, err = c.getManifest(ctx, r)
	if err == nil {
		found.Origin, err = c.read(ctx, r, found.Manifest)
	}
	if err != nil {
		return Found{}, c.explain(ctx, "looking up", r, err)
	}
	return found, nil
}

func (c *Client) origin(ctx context.Context, r ref, desc ocispec.Descriptor) (Origin, error) {
	_, content, err := c.getManifest(ctx, r.at(desc.Digest))
	if err != nil {
		return Origin{}, err
	}
	return c.read(ctx, r, content)
}

func (c *Client) read(ctx context.Context, r ref, manifest []byte) (Origin, error) {
	var document struct {
		Annotations map[string]string    `json:"annotations"`
		Config      ocispec.Descriptor   `json:"config"`
		Manifests   []ocispec.Descriptor `json:"manifests"`
	}
	if err := json.Unmarshal(manifest, &document); err != nil {
		return Origin{}, fmt.Errorf("reading the manifest: %w", err)
	}
	origin := Origin{
		Revision:   document.Annotations[ocispec.AnnotationRevision],
		Key:        document.Annotations[plan.KeyAnnotation],
		PrepareKey: document.Annotations[plan.PrepareKeyAnnotation],
	}
	if origin.Revision != "" {
		return origin, nil
	}
	for _, manifest := range document.Manifests {
		if images.IsManifestType(manifest.MediaType) && !isAttestation(manifest) {
			platform, err := c.origin(ctx, r, manifest)
			return origin.or(platform), err
		}
	}
	if !images.IsConfigType(document.Config.MediaType) {
		return origin, nil
	}
	var image ocispec.Image
	if err := c.document(ctx, r.at(document.Config.Digest), document.Config, &image); err != nil {
		return Origin{}, err
	}
	origin.Revision = image.Config.Labels[ocispec.AnnotationRevision]
	return origin, nil
}

// or fills in what is not known from another origin.
func (o Origin) or(other Origin) Origin {
	return Origin{
		Revision:   cmp.Or(o.Revision, other.Revision),
		Key:        cmp.Or(o.Key, other.Key),
		PrepareKey: cmp.Or(o.PrepareKey, other.PrepareKey),
	}
}

// isAttestation tells BuildKit's provenance and SBOM manifests, which stand in an index beside the images.
func isAttestation(desc ocispec.Descriptor) bool {
	return desc.Annotations["vnd.docker.reference.type"] != "" || desc.Platform != nil && desc.Platform.OS == "unknown"
}

// document fetches JSON by its digest and checks it.
func (c *Client) document(ctx context.Context, r ref, desc ocispec.Descriptor, into any) error {
	content, err := c.blob(ctx, r, desc)
	if err != nil {
		return err
	}
	return json.Unmarshal(content, into)
}

// blob fetches a small blob by its digest and checks it.
func (c *Client) blob(ctx context.Context, r ref, desc ocispec.Descriptor) (content []byte, err error) {
	if desc.Size > maxDocument {
		return nil, fmt.Errorf("reading %s: %d bytes are too many for a configuration", desc.Digest, desc.Size)
	}
	// Without URLs: they are the image's own and may lead anywhere.
	plain := ocispec.Descriptor{MediaType: desc.MediaType, Digest: desc.Digest, Size: desc.Size}
	err = c.retry(quiet(ctx), func(ctx context.Context) error {
		fetcher, err := c.resolver(docker.NewInMemoryTracker()).Fetcher(ctx, r.String())
		if err != nil {
			return err
		}
		body, err := fetcher.Fetch(ctx, plain)
		if err != nil {
			return err
		}
		defer body.Close()
		if content, err = io.ReadAll(io.LimitReader(body, maxDocument)); err != nil {
			return err
		}
		if actual := desc.Digest.Algorithm().FromBytes(content); actual != desc.Digest {
			return fmt.Errorf("reading %s: the registry sent content with the digest %s", desc.Digest, actual)
		}
		return nil
	})
	return content, err
}
