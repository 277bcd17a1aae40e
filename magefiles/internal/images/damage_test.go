package images

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/ocilayout"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/problemtest"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

func put(t *testing.T, layout *ocilayout.Layout, mediaType string, data []byte) ocispec.Descriptor {
	t.Helper()
	desc := ocispec.Descriptor{MediaType: mediaType, Digest: digest.FromBytes(data), Size: int64(len(data))}
	if err := content.WriteBlob(t.Context(), layout.Store(), desc.Digest.String(), strings.NewReader(string(data)), desc); err != nil {
		t.Fatal(err)
	}
	return desc
}

// keptImage is an image of one layer in a layout of its own.
func keptImage(t *testing.T) (layout *ocilayout.Layout, dir string, root, layer ocispec.Descriptor) {
	t.Helper()
	dir = t.TempDir()
	layout, err := ocilayout.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	layer = put(t, layout, ocispec.MediaTypeImageLayer, []byte("layer"))
	manifest, err := json.Marshal(ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest,
		Config: put(t, layout, ocispec.MediaTypeImageConfig, []byte(`{}`)), Layers: []ocispec.Descriptor{layer},
		Annotations: map[string]string{plan.PrepareKeyAnnotation: "p1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return layout, dir, put(t, layout, ocispec.MediaTypeImageManifest, manifest), layer
}

// TestRefusedPushOfDamagedImageSaysSo: registries refuse wrong bytes in many words. What is damaged is gone after that.
func TestRefusedPushOfDamagedImageSaysSo(t *testing.T) {
	layout, dir, root, layer := keptImage(t)
	images := []push.Image{{Ref: refs.Image("registry.example.com/shop:core-1"), Descriptor: root}}
	refused := errors.New("400 DIGEST_INVALID")
	if err := explainDamage(t.Context(), layout, images, refused); !errors.Is(err, refused) || problem.As(err) != nil {
		t.Errorf("of a whole image: %v", err)
	}
	blob := filepath.Join(dir, "blobs", "sha256", layer.Digest.Encoded())
	if err := os.Chmod(blob, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(blob, []byte("lay3r"), 0o644); err != nil {
		t.Fatal(err)
	}
	ended, stop := context.WithCancel(t.Context())
	stop()
	if err := explainDamage(ended, layout, images, refused); !errors.Is(err, refused) || problem.As(err) != nil {
		t.Errorf("of an interrupted run: %v", err)
	}
	err := explainDamage(t.Context(), layout, images, refused)
	problemtest.Want(t, err, problem.Failed, "", "registry.example.com/shop:core-1", "1 blob missing or damaged", layer.Digest.String(), "DIGEST_INVALID", "mage build")
	if _, err := os.Stat(blob); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the damaged blob is still there: %v", err)
	}
}

func TestPreparedFromIsReadFromTheLayout(t *testing.T) {
	layout, _, root, layer := keptImage(t)
	if got := preparedFrom(t.Context(), layout, root); got != "p1" {
		t.Errorf("the image was prepared from %q", got)
	}
	for name, desc := range map[string]ocispec.Descriptor{"no manifest": layer, "missing": {Digest: digest.FromString("x"), Size: 1}} {
		if got := preparedFrom(t.Context(), layout, desc); got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
}
