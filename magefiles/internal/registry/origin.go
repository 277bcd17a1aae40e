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

// Origin is what an image says of what it was built from. What it does not say is empty.
type Origin struct {
	Revision   string // the source commit, org.opencontainers.image.revision
	Key        string // plan.KeyAnnotation
	PrepareKey string // plan.PrepareKeyAnnotation
	Recorded   string // plan.RecordAnnotation, which no configuration repeats
	Conflict   string // how it contradicts itself; a build writes the same into its manifests and its configurations
}

// Origin reads the annotations of an image's manifest or index, and the labels of the configuration of each platform. A
// revision that stands in labels only counts, keys count as annotations. The descriptor is what Resolve gave.
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

// Lookup returns what a tag or digest names, as Resolve does, and its Origin and manifest with it: a GET of the manifest and one of
// its configuration when a token is at hand, and for an index these for each platform.
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

// read collects what all parts of an image say.
func (c *Client) read(ctx context.Context, r ref, manifest []byte) (Origin, error) {
	root, err := decodeRoot(manifest)
	if err != nil {
		return Origin{}, err
	}
	all := claims{root: root.Annotations}
	if !root.isIndex() {
		err := c.addLabels(ctx, r, root, &all)
		return all.origin(), err
	}
	for _, child := range root.Manifests {
		if isAttestation(child) {
			continue
		}
		if all.unread = len(all.platforms) == maxPlatforms; all.unread {
			break
		}
		_, content, err := c.getManifest(ctx, r.at(child.Digest))
		if err != nil {
			return Origin{}, err
		}
		platform, err := decodeRoot(content)
		if err != nil {
			return Origin{}, err
		}
		if err := c.addLabels(ctx, r, platform, &all); err != nil {
			return Origin{}, err
		}
	}
	return all.origin(), nil
}

// addLabels adds what a platform's manifest says, and its configuration.
func (c *Client) addLabels(ctx context.Context, r ref, platform root, all *claims) error {
	claim := claim{annotations: platform.Annotations}
	if images.IsConfigType(platform.Config.MediaType) {
		var image ocispec.Image
		if err := c.document(ctx, r.at(platform.Config.Digest), platform.Config, &image); err != nil {
			return err
		}
		claim.labels = image.Config.Labels
	}
	all.platforms = append(all.platforms, claim)
	return nil
}

// isAttestation tells BuildKit's provenance and SBOM manifests, which stand in an index beside the images. No runtime takes what is
// for no platform.
func isAttestation(desc ocispec.Descriptor) bool {
	return desc.Platform != nil && desc.Platform.OS == "unknown"
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
