package registry

import (
	"context"

	"github.com/containerd/containerd/v2/core/remotes/docker"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
)

// Resolve returns the descriptor of a tag or digest: media type, digest and size in bytes. It costs one HEAD when a token for
// the repository is at hand. The error is ErrNotFound when the registry does not have it or does not show it, ErrDenied
// when it refuses to say, and a problem.Problem in each case.
//
// ghcr.io denies reading a package that does not exist yet, but answers "not found" to a token that may push: set
// Options.Push before a first push.
func (c *Client) Resolve(ctx context.Context, r imageref.Reference) (ocispec.Descriptor, error) {
	if err := r.RequireImage(); err != nil {
		return ocispec.Descriptor{}, err
	}
	if c.push {
		ctx = docker.WithScope(ctx, r.PushScope())
	}
	desc, err := c.protocol.Resolve(ctx, r)
	return desc, c.explainer.Explain(ctx, "looking up", r, err)
}
