package registry

import (
	"bytes"
	"context"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/core/images"
	"github.com/containerd/platforms"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/protocol"
)

// Config returns the digest of what a tag or digest names, which may be an index, and the configuration of its image for a
// platform: the one that a build for this platform starts from. The choice is containerd's, as in BuildKit.
func (c *Client) Config(ctx context.Context, r imageref.Reference, platform ocispec.Platform) (digest.Digest, []byte, error) {
	if err := r.RequireImage(); err != nil {
		return "", nil, err
	}
	if r.Digest != "" {
		r = r.At(r.Digest) // whatever the tag beside it names by now
	}
	root, manifest, err := c.protocol.GetManifest(ctx, r)
	if err != nil {
		return "", nil, c.explainer.Explain(ctx, "looking up", r, err)
	}
	documents := &documentProvider{client: c.protocol, ref: r, read: map[digest.Digest][]byte{root.Digest: manifest}}
	desc, err := images.Config(ctx, documents, root, platforms.Only(platform))
	if err != nil {
		return "", nil, c.explainer.Explain(ctx, "reading the configuration of", r, err)
	}
	config, err := content.ReadBlob(ctx, documents, desc)
	return root.Digest, config, c.explainer.Explain(ctx, "reading the configuration of", r, err)
}

// documentProvider are the manifests and configurations of an image. It implements content.Provider for one goroutine.
type documentProvider struct {
	client *protocol.Client
	ref    imageref.Reference
	read   map[digest.Digest][]byte
}

// ReaderAt implements content.Provider.
func (d *documentProvider) ReaderAt(ctx context.Context, desc ocispec.Descriptor) (content.ReaderAt, error) {
	data, known := d.read[desc.Digest]
	if known {
		return blobReader{bytes.NewReader(data)}, nil
	}
	var err error
	if images.IsManifestType(desc.MediaType) || images.IsIndexType(desc.MediaType) {
		_, data, err = d.client.GetManifest(ctx, d.ref.At(desc.Digest))
	} else {
		data, err = d.client.Blob(ctx, d.ref.At(desc.Digest), desc)
	}
	if err != nil {
		return nil, err
	}
	d.read[desc.Digest] = data
	return blobReader{bytes.NewReader(data)}, nil
}

type blobReader struct{ *bytes.Reader }

// Close implements content.ReaderAt.
func (blobReader) Close() error { return nil }

// Content returns a manifest, an index or another small document of a repository, by its digest and checked.
func (c *Client) Content(ctx context.Context, repository imageref.Repository, desc ocispec.Descriptor) ([]byte, error) {
	r := imageref.Reference{Repository: repository}
	documents := &documentProvider{client: c.protocol, ref: r, read: map[digest.Digest][]byte{}}
	data, err := content.ReadBlob(ctx, documents, ocispec.Descriptor{MediaType: desc.MediaType, Digest: desc.Digest, Size: desc.Size})
	return data, c.explainer.Explain(ctx, "reading "+desc.Digest.String()+" of", r, err)
}
