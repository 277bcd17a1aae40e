package inspect

import (
	"context"
	"encoding/json"

	"github.com/containerd/containerd/v2/core/images"
	digest "github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/protocol"
)

// Size returns the bytes of all blobs of a single platform's image, each once, its manifest with them. It is zero, which means
// unknown, for an index: that names manifests only, and each would cost a request.
func (f Found) Size() int64 {
	if !images.IsManifestType(f.Descriptor.MediaType) {
		return 0
	}
	blobs := blobSizes{}
	if !blobs.addManifest(f.Manifest) {
		return 0
	}
	return blobs.totalBytes() + int64(len(f.Manifest))
}

// blobSizes are the bytes of blobs by their digests.
type blobSizes map[digest.Digest]int64

// addManifest notes the blobs of a manifest, and reports whether it is one.
func (b blobSizes) addManifest(manifest []byte) bool {
	var document ocispec.Manifest
	if json.Unmarshal(manifest, &document) != nil {
		return false
	}
	for _, blob := range append(document.Layers, document.Config) {
		b[blob.Digest] = blob.Size
	}
	return true
}

func (b blobSizes) totalBytes() (bytes int64) {
	for _, size := range b {
		bytes += size
	}
	return bytes
}

// Size returns the bytes of all blobs of an image in the repository of r, each once, with its manifests: for an index one
// GET for each of these. It is zero, which means unknown, where an answer is missing.
func Size(ctx context.Context, c *protocol.Client, r imageref.Reference, root Found) int64 {
	if !images.IsIndexType(root.Descriptor.MediaType) {
		return root.Size()
	}
	var index ocispec.Index
	if json.Unmarshal(root.Manifest, &index) != nil {
		return 0
	}
	bytes, blobs := int64(len(root.Manifest)), blobSizes{}
	for _, desc := range index.Manifests {
		_, manifest, err := c.GetManifest(ctx, r.At(desc.Digest))
		if err != nil || !images.IsManifestType(desc.MediaType) || !blobs.addManifest(manifest) {
			return 0
		}
		bytes += int64(len(manifest))
	}
	return bytes + blobs.totalBytes()
}
