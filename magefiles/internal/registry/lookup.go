package registry

import (
	"context"

	"github.com/containerd/containerd/v2/core/remotes/docker"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/inspect"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/successor"
)

// Origin reads the annotations of an image's manifest or index, and the labels of the configuration of each platform. A revision that
// stands in labels only counts, keys count as annotations. The descriptor is one that Resolve returned.
func (c *Client) Origin(ctx context.Context, r imageref.Reference, desc ocispec.Descriptor) (inspect.Origin, error) {
	origin, err := inspect.ReadOrigin(ctx, c.protocol, r, desc)
	return origin, c.explainer.Explain(ctx, "reading the origin of", r, err)
}

// Lookup returns what a tag or digest names, as Resolve does, and its Origin and manifest with it: a GET of the manifest and one of
// its configuration when a token is at hand, and for an index these for each platform.
func (c *Client) Lookup(ctx context.Context, r imageref.Reference) (inspect.Found, error) {
	if err := r.RequireImage(); err != nil {
		return inspect.Found{}, err
	}
	if c.push {
		ctx = docker.WithScope(ctx, r.PushScope())
	}
	found := inspect.Found{}
	var err error
	found.Descriptor, found.Manifest, err = c.protocol.GetManifest(ctx, r)
	if err == nil {
		found.Origin, err = inspect.OriginOf(ctx, c.protocol, r, found.Manifest)
	}
	if err != nil {
		return inspect.Found{}, c.explainer.Explain(ctx, "looking up", r, err)
	}
	return found, nil
}

// LookupNewest is Lookup of what the last tag of a row names, see Image.Aliases: a GET, and beside it a HEAD of a successor.
func (c *Client) LookupNewest(ctx context.Context, r imageref.Reference) (inspect.Found, error) {
	if err := r.RequireImage(); err != nil {
		return inspect.Found{}, err
	}
	var first inspect.Found
	var last successor.Tag
	group, inner := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		first, err = c.Lookup(inner, r)
		return err
	})
	group.Go(func() (err error) {
		last, err = successor.After(inner, c.protocol, successor.First(r))
		return c.explainer.Explain(inner, "looking up", r, err)
	})
	if err := group.Wait(); err != nil {
		return inspect.Found{}, err
	}
	if last.Number == 1 {
		return first, nil
	}
	return c.Lookup(ctx, last.Reference())
}
