// Package inspect reads what an image in a registry says of itself: what it was built from, and how large it is.
package inspect

import (
	"context"
	"encoding/json"

	"github.com/containerd/containerd/v2/core/images"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/protocol"
)

// Origin is an image's record of its source and inputs. Missing fields are empty.
type Origin struct {
	Revision   commitid.ID // org.opencontainers.image.revision, as it stands there: see Commit
	Key        string      // plan.KeyAnnotation
	PrepareKey string      // plan.PrepareKeyAnnotation
	Recorded   string      // plan.RecordAnnotation, which no configuration repeats
	Conflict   string      // how it contradicts itself; a build writes the same into its manifests and its configurations
}

// Commit returns the commit that the image says it was built from, "" where it says none: a tree that differed from its commit has a
// revision that is no id, and other tools write names of branches.
func (o Origin) Commit() commitid.ID {
	if !o.Revision.IsWhole() {
		return ""
	}
	return o.Revision
}

// Found is an image that the registry has.
type Found struct {
	Descriptor ocispec.Descriptor
	Origin     Origin
	Manifest   []byte // the manifest or index itself
}

// ReadOrigin reads the annotations of an image's manifest or index, and the labels of the configuration of each platform. A
// revision that stands in labels only counts, keys count as annotations.
func ReadOrigin(ctx context.Context, c *protocol.Client, r imageref.Reference, desc ocispec.Descriptor) (Origin, error) {
	_, content, err := c.GetManifest(ctx, r.At(desc.Digest))
	if err != nil {
		return Origin{}, err
	}
	return OriginOf(ctx, c, r, content)
}

// OriginOf is ReadOrigin of an image whose manifest or index is known.
func OriginOf(ctx context.Context, c *protocol.Client, r imageref.Reference, manifest []byte) (Origin, error) {
	root, err := decodeDocument(manifest)
	if err != nil {
		return Origin{}, err
	}
	all := imageClaims{root: root.Annotations}
	if !root.isIndex() {
		err := addLabels(ctx, c, r, root, &all)
		return all.mergedOrigin(), err
	}
	for _, child := range root.Manifests {
		if isAttestation(child) {
			continue
		}
		if all.unread = len(all.platforms) == maxPlatforms; all.unread {
			break
		}
		_, content, err := c.GetManifest(ctx, r.At(child.Digest))
		if err != nil {
			return Origin{}, err
		}
		platform, err := decodeDocument(content)
		if err != nil {
			return Origin{}, err
		}
		if err := addLabels(ctx, c, r, platform, &all); err != nil {
			return Origin{}, err
		}
	}
	return all.mergedOrigin(), nil
}

// addLabels adds what a platform's manifest says, and its configuration.
func addLabels(ctx context.Context, c *protocol.Client, r imageref.Reference, platform manifestDocument, all *imageClaims) error {
	claim := platformClaims{annotations: platform.Annotations}
	if images.IsConfigType(platform.Config.MediaType) {
		var image ocispec.Image
		if err := decodeBlob(ctx, c, r.At(platform.Config.Digest), platform.Config, &image); err != nil {
			return err
		}
		claim.labels = image.Config.Labels
	}
	all.platforms = append(all.platforms, claim)
	return nil
}

// isAttestation reports whether it is one of BuildKit's provenance and SBOM manifests, which stand in an index beside the
// images. No runtime takes what is for no platform.
func isAttestation(desc ocispec.Descriptor) bool {
	return desc.Platform != nil && desc.Platform.OS == "unknown"
}

// decodeBlob fetches JSON by its digest and checks it.
func decodeBlob(ctx context.Context, c *protocol.Client, r imageref.Reference, desc ocispec.Descriptor, into any) error {
	content, err := c.Blob(ctx, r, desc)
	if err != nil {
		return err
	}
	return json.Unmarshal(content, into)
}
