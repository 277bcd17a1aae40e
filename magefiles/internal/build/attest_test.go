package build_test

import (
	"strings"
	"testing"

	"github.com/containerd/containerd/v2/core/content"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
)

// Attestations stand beside an image and change nothing of it.
func TestProvenance(t *testing.T) {
	r := newRepository(t)
	r.component("core", base+"ARG WORD\nRUN echo $WORD\n").Args = map[string]string{"WORD": "argument"}
	img := &r.plan.Images[0]
	plain := r.must()[0].Descriptor
	if plain.MediaType != ocispec.MediaTypeImageManifest {
		t.Errorf("without provenance there is an index: %+v", plain)
	}
	roots := map[string]bool{plain.Digest.String(): true}
	for _, mode := range []config.Provenance{config.ProvenanceMin, config.ProvenanceMin, config.ProvenanceMax} {
		img.Provenance = mode
		root := r.must()[0].Descriptor
		if roots[root.Digest.String()] {
			t.Errorf("%s: the index is an earlier one", mode) // its times differ
		}
		roots[root.Digest.String()] = true
		var index ocispec.Index
		layout := openLayout(t, r.opts.Layout)
		decode(t, layout, root, &index)
		if len(index.Manifests) != 2 || index.Manifests[0].Digest != plain.Digest || index.Annotations[ocispec.AnnotationRevision] != r.plan.Commit.SHA {
			t.Fatalf("%s: index %+v, want %s and an attestation", mode, index, plain.Digest)
		}
		var attestation ocispec.Manifest
		decode(t, layout, index.Manifests[1], &attestation)
		statement, err := content.ReadBlob(t.Context(), layout.Store(), attestation.Layers[0])
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(statement), "slsa.dev/provenance") || strings.Contains(string(statement), `"argument"`) != (mode == config.ProvenanceMax) {
			t.Errorf("%s: %s", mode, statement)
		}
	}
}
