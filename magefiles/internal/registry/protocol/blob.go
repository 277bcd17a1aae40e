package protocol

import (
	"context"
	"fmt"

	"github.com/containerd/containerd/v2/core/remotes/docker"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/bounded"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
)

// Blob returns a small blob by its digest, and checks it.
func (c *Client) Blob(ctx context.Context, r imageref.Reference, desc ocispec.Descriptor) (content []byte, err error) {
	if desc.Size > maxDocument {
		return nil, fmt.Errorf("reading %s: %d bytes are too many for a configuration", desc.Digest, desc.Size)
	}
	if err := RequireDigest(desc.Digest); err != nil {
		return nil, err
	}
	// Without URLs: they are the image's own and may lead anywhere.
	plain := ocispec.Descriptor{MediaType: desc.MediaType, Digest: desc.Digest, Size: desc.Size}
	err = c.Retry(Quiet(ctx), func(ctx context.Context) error {
		fetcher, err := c.newResolver(docker.NewInMemoryTracker()).Fetcher(ctx, r.String())
		if err != nil {
			return err
		}
		body, err := fetcher.Fetch(ctx, plain)
		if err != nil {
			return err
		}
		defer body.Close()
		if content, err = bounded.ReadAll(body, maxDocument); err != nil {
			return fmt.Errorf("reading %s: %w", desc.Digest, err)
		}
		return checkContent(content, desc.Digest)
	})
	return content, err
}
