package registry

import (
	"context"
	"io"

	"github.com/containerd/containerd/v2/core/remotes/docker"
	"github.com/containerd/log"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/sirupsen/logrus"
)

// Resolve gives the descriptor of a tag or digest: media type, digest and size in bytes. It costs one HEAD when a token for
// the repository is at hand. The error is ErrNotFound when the registry does not have it or does not show it, ErrDenied
// when it refuses to say, and a problem.Problem in each case.
//
// ghcr.io denies reading a package that does not exist yet, but answers "not found" to a token that may push: set
// Options.Push before a first push.
func (c *Client) Resolve(ctx context.Context, reference string) (ocispec.Descriptor, error) {
	r, err := parseImage(reference)
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	if c.push {
		ctx = docker.WithScope(ctx, r.scope())
	}
	desc, err := c.resolve(ctx, r)
	return desc, c.explain(ctx, "looking up", r, err)
}

func (c *Client) resolve(ctx context.Context, r ref) (desc ocispec.Descriptor, err error) {
	err = c.retry(quiet(ctx), func(ctx context.Context) error {
		desc, err = c.resolveOnce(ctx, r)
		return err
	})
	return desc, err
}

func (c *Client) resolveOnce(ctx context.Context, r ref) (ocispec.Descriptor, error) {
	_, desc, err := c.resolver(docker.NewInMemoryTracker()).Resolve(ctx, r.String())
	return desc, err
}

// quiet keeps containerd from writing to the person's terminal: it logs every missing tag.
func quiet(ctx context.Context) context.Context {
	logger := logrus.New()
	logger.SetOutput(io.Discard)
	logger.SetLevel(logrus.PanicLevel)
	return log.WithLogger(ctx, logrus.NewEntry(logger))
}
