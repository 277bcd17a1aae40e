package buildkit_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/ocilayout"
	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// layers are those of a manifest.
func layers(t *testing.T, layout *ocilayout.Layout, desc ocispec.Descriptor) (manifest ocispec.Manifest) {
	t.Helper()
	decode(t, layout, desc, &manifest)
	return ocispec.Manifest{Layers: manifest.Layers}
}

// Attestations stand beside an image and change nothing of it but its key, which counts them.
func TestProvenance(t *testing.T) {
	r := newRepository(t)
	r.opts.Rebuild = true
	r.component("core", base+"ARG WORD\nRUN echo $WORD\n").Args = map[string]string{"WORD": "argument"}
	img := &r.plan.Images[0]
	plain := r.must()[0].Descriptor
	if plain.MediaType != ocispec.MediaTypeImageManifest {
		t.Errorf("without provenance there is an index: %+v", plain)
	}
	want := layers(t, openLayout(t, r.opts.Layout), plain)
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
		if len(index.Manifests) != 2 || !reflect.DeepEqual(layers(t, layout, index.Manifests[0]), want) || commitid.ID(index.Annotations[ocispec.AnnotationRevision]) != r.plan.Commit.SHA {
			t.Fatalf("%s: index %+v, want %v and an attestation", mode, index, want)
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

// The generator is an image that writes a statement where BuildKit tells it to (buildkit, docs/attestations/sbom-protocol.md).
func TestSBOM(t *testing.T) {
	server, account := startRegistry(t)
	generator := baseImage(t)
	file, err := generator.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	statement := `{"_type":"https://in-toto.io/Statement/v0.1","predicateType":"https://spdx.dev/Document","predicate":{"name":"found by the generator"}}`
	process := file.Config.DeepCopy()
	process.Entrypoint = []string{"/bin/sh", "-c", "write $BUILDKIT_SCAN_DESTINATION/sbom.spdx.json '" + statement + "'"}
	if generator, err = mutate.Config(generator, *process); err != nil {
		t.Fatal(err)
	}
	if _, err := registry.Push(t.Context(), server.Addr()+"/acme/generator:1", generator, "robot", "push-s3cret"); err != nil {
		t.Fatal(err)
	}
	r := newRepository(t)
	r.opts.Credentials = account
	r.component("core", base+"RUN echo core\n")
	r.component("batch", "FROM core\nRUN echo batch\n").Needs = []plan.Image{r.needed("core")}
	var want []ocispec.Manifest
	for _, img := range r.must() {
		want = append(want, layers(t, openLayout(t, r.opts.Layout), img.Descriptor))
	}
	for i := range r.plan.Images {
		r.plan.Images[i].SBOM = server.Addr() + "/acme/generator:1"
		r.plan.Images[i].Needs = slices.Clone(r.plan.Images[i].Needs)
	}
	r.plan.Images[1].Needs[0] = r.plan.Images[0] // has one, too
	for i, img := range r.must() {
		var index ocispec.Index
		layout := openLayout(t, r.opts.Layout)
		decode(t, layout, img.Descriptor, &index)
		if len(index.Manifests) != 2 || !reflect.DeepEqual(layers(t, layout, index.Manifests[0]), want[i]) {
			t.Fatalf("index %+v, want %v and an attestation", index, want[i])
		}
		var attestation ocispec.Manifest
		decode(t, layout, index.Manifests[1], &attestation)
		if len(attestation.Layers) != 1 {
			t.Errorf("%s has %d statements", img.Component, len(attestation.Layers))
		}
		found, err := content.ReadBlob(t.Context(), layout.Store(), attestation.Layers[0])
		if err != nil || !strings.Contains(string(found), "found by the generator") {
			t.Errorf("%s: %s, %v", img.Component, found, err)
		}
	}
}
