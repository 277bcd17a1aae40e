package protocol

import (
	"context"
	"io"

	"github.com/containerd/containerd/v2/core/remotes/docker"
	"github.com/containerd/log"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/sirupsen/logrus"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
)

// Resolve returns the descriptor of a tag or digest.
func (c *Client) Resolve(ctx context.Context, r imageref.Reference) (desc ocispec.Descriptor, err error) {
	err = c.Retry(Quiet(ctx), func(ctx context.Context) error {
		desc, err = c.ResolveOnce(ctx, r)
		return err
	})
	return desc, err
}

// ResolveOnce is Resolve without repetitions.
func (c *Client) ResolveOnce(ctx context.Context, r imageref.Reference) (ocispec.Descriptor, error) {
	_, desc, err := c.newResolver(docker.NewInMemoryTracker()).Resolve(ctx, r.String())
	return desc, err
}

// Quiet keeps containerd from writing to the person's terminal: it logs every missing tag.
func Quiet(ctx context.Context) context.Context {
	logger := logrus.New()
	logger.SetOutput(io.Discard)
	logger.SetLevel(logrus.PanicLevel)
	return log.WithLogger(ctx, logrus.NewEntry(logger))
}
