package registry

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/core/remotes/docker"
	"github.com/containerd/errdefs"
	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
)

// PutDocument keeps a small document under a tag of its own, as an OCI artifact of a media type. A tag that is there stays.
func (c *Client) PutDocument(ctx context.Context, r imageref.Reference, mediaType string, data []byte) error {
	if _, err := c.Resolve(ctx, r); err == nil || !errors.Is(err, ErrNotFound) {
		return err
	}
	layer := ocispec.Descriptor{MediaType: mediaType, Digest: digest.FromBytes(data), Size: int64(len(data))}
	empty := ocispec.DescriptorEmptyJSON
	manifest, err := json.Marshal(ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest, ArtifactType: mediaType,
		Config: ocispec.Descriptor{MediaType: empty.MediaType, Digest: empty.Digest, Size: empty.Size}, Layers: []ocispec.Descriptor{layer},
	})
	if err != nil {
		return fmt.Errorf("storing %s: %w", r, err)
	}
	root := ocispec.Descriptor{MediaType: ocispec.MediaTypeImageManifest, Digest: digest.FromBytes(manifest), Size: int64(len(manifest))}
	blobs := memoryProvider{root.Digest: manifest, empty.Digest: empty.Data, layer.Digest: data}
	_, err = c.Push(ctx, blobs, []push.Image{{Ref: r, Descriptor: root}}, nil)
	return err
}

// Document returns what PutDocument has kept; ErrNotFound where there is none of the media type.
func (c *Client) Document(ctx context.Context, r imageref.Reference, mediaType string) ([]byte, error) {
	if err := r.RequireImage(); err != nil {
		return nil, err
	}
	_, data, err := c.protocol.GetManifest(ctx, r)
	if err != nil {
		return nil, c.explainer.Explain(ctx, "looking up", r, err)
	}
	var manifest ocispec.Manifest
	if err := json.Unmarshal(data, &manifest); err != nil || len(manifest.Layers) != 1 || manifest.Layers[0].MediaType != mediaType {
		return nil, fmt.Errorf("reading %s: it is no %s: %w", r, mediaType, ErrNotFound)
	}
	layer := manifest.Layers[0]
	content, err := c.protocol.Blob(docker.WithScope(ctx, r.PullScope()), r.At(layer.Digest), layer)
	return content, c.explainer.Explain(ctx, "reading", r, err)
}

// memoryProvider is a content.Provider of a few blobs.
type memoryProvider map[digest.Digest][]byte

// ReaderAt implements content.Provider.
func (m memoryProvider) ReaderAt(_ context.Context, desc ocispec.Descriptor) (content.ReaderAt, error) {
	data, ok := m[desc.Digest]
	if !ok {
		return nil, fmt.Errorf("reading %s: %w", desc.Digest, errdefs.ErrNotFound)
	}
	return blobReader{bytes.NewReader(data)}, nil
}
