package registry

import (
	"encoding/json"

	"github.com/containerd/containerd/v2/core/images"
	digest "github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// Size gives the bytes of all blobs of a single platform's image, each once, its manifest with them. It is zero, which means
// unknown, for an index: that names manifests only, and each would cost a request.
func (f Found) Size() int64 {
	var manifest ocispec.Manifest
	if !images.IsManifestType(f.Descriptor.MediaType) || json.Unmarshal(f.Manifest, &manifest) != nil {
		return 0
	}
	size := int64(len(f.Manifest))
	seen := map[digest.Digest]bool{}
	for _, blob := range append(manifest.Layers, manifest.Config) {
		if !seen[blob.Digest] {
			size += blob.Size
		}
		seen[blob.Digest] = true
	}
	return size
}
