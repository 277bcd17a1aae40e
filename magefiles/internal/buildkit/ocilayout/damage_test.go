package ocilayout_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/containerd/containerd/v2/core/content"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/ocilayout"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

// damages are the kinds of damage to a blob, by name. It gives the file back as it was dated.
var damages = map[string]func(path string, size int64) error{
	"removed":     func(path string, _ int64) error { return os.Remove(path) },
	"emptied":     func(path string, _ int64) error { return os.Truncate(path, 0) },
	"cut":         func(path string, size int64) error { return os.Truncate(path, size-1) },
	"overwritten": func(path string, size int64) error { return os.WriteFile(path, make([]byte, size), 0o600) },
}

// TestDamageOfTheSameSizeAndTime is found by reading everything, which a failed push does.
func TestDamageOfTheSameSizeAndTime(t *testing.T) {
	l := openLayout(t, filepath.Join(t.TempDir(), "images"))
	root := manifest(t, l, "layer")
	if err := l.Put(t.Context(), ocilayout.Entry{Ref: refs.Image("acme/shop:1"), Descriptor: root}); err != nil {
		t.Fatal(err)
	}
	found, _ := l.Find(refs.Image("acme/shop:1"))
	var m ocispec.Manifest
	decode(t, l, root, &m)
	dir, err := filepath.Glob(filepath.Join(filepath.Dir(t.TempDir()), "*", "images", "blobs", "sha256", m.Layers[0].Digest.Encoded()))
	if err != nil || len(dir) != 1 {
		t.Fatalf("%q, %v", dir, err)
	}
	if err := os.Chmod(dir[0], 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir[0], []byte("Layer"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(dir[0], time.Time{}, time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	if damaged, err := l.Repair(t.Context(), found, false); err != nil || len(damaged) != 0 {
		t.Errorf("the cheap check finds %q, %v", damaged, err)
	}
	if damaged, err := l.Repair(t.Context(), found, true); err != nil || len(damaged) != 1 || damaged[0] != m.Layers[0].Digest {
		t.Errorf("the thorough check finds %q, %v", damaged, err)
	}
	if damaged, err := l.Repair(t.Context(), found, false); err != nil || len(damaged) != 1 {
		t.Errorf("a damaged blob is still there: %q, %v", damaged, err)
	}
}

// TestLargeLayerIsOlderThanItsEntry: the next build trusts its time, and need not read hundreds of megabytes again.
func TestLargeLayerIsOlderThanItsEntry(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "images")
	l := openLayout(t, dir)
	root := manifest(t, l, string(make([]byte, 8<<20)))
	var m ocispec.Manifest
	decode(t, l, root, &m)
	layer := filepath.Join(dir, "blobs", "sha256", m.Layers[0].Digest.Encoded())
	if err := os.Chtimes(layer, time.Time{}, time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := l.Put(t.Context(), ocilayout.Entry{Ref: refs.Image("acme/shop:1"), Descriptor: root}); err != nil {
		t.Fatal(err)
	}
	found, _ := l.Find(refs.Image("acme/shop:1"))
	built, err := time.Parse(time.RFC3339Nano, found.Annotations["com.github.xiilab.astrago-ci.built"])
	if err != nil {
		t.Fatal(err)
	}
	info, err := l.Store().Info(t.Context(), m.Layers[0].Digest)
	if err != nil {
		t.Fatal(err)
	}
	if tick := 20 * time.Millisecond; info.CreatedAt.After(built.Add(-tick)) {
		t.Errorf("a layer of %s, put at %s, is read again by the next build", info.CreatedAt, built)
	}
}

// TestDamagedIndexIsMadeAgain: what a layout's index does not name is built again.
func TestDamagedIndexIsMadeAgain(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "cut": `{"schemaVersion":2,"manifests":[{"mediaType":"a`, "zeros": string(make([]byte, 300)), "of something else": `{"manifests":[{"digest":"none"}]}`,
	} {
		dir := filepath.Join(t.TempDir(), "images")
		l := openLayout(t, dir)
		desc := manifest(t, l, "layer")
		if err := l.Put(t.Context(), ocilayout.Entry{Ref: refs.Image("acme/shop:1"), Descriptor: desc}); err != nil {
			t.Fatal(err)
		}
		for _, file := range []string{"index.json", "oci-layout"} {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		l = openLayout(t, dir)
		if _, ok := l.Find(refs.Image("acme/shop:1")); ok {
			t.Errorf("%s: an image is found", name)
		}
		if err := l.Put(t.Context(), ocilayout.Entry{Ref: refs.Image("acme/shop:2"), Descriptor: desc}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, ok := openLayout(t, dir).Find(refs.Image("acme/shop:2")); !ok {
			t.Errorf("%s: what was put is not found", name)
		}
		if data, err := os.ReadFile(filepath.Join(dir, "oci-layout")); err != nil || string(data) != `{"imageLayoutVersion":"1.0.0"}` {
			t.Errorf("%s: oci-layout is %q, %v", name, data, err)
		}
	}
}

// TestDamagedManifestIsPruned: an older image whose manifest is damaged stops no build, which prunes at its end.
func TestDamagedManifestIsPruned(t *testing.T) {
	for how, damage := range damages {
		dir := filepath.Join(t.TempDir(), "images")
		l := openLayout(t, dir)
		older, newer := manifest(t, l, "older"), manifest(t, l, "newer")
		for ref, desc := range map[string]ocispec.Descriptor{"acme/shop:1": older, "acme/shop:2": newer} {
			if err := l.Put(t.Context(), ocilayout.Entry{Ref: refs.Image(ref), Descriptor: desc}); err != nil {
				t.Fatal(err)
			}
		}
		path := filepath.Join(dir, "blobs", "sha256", older.Digest.Encoded())
		if err := errors.Join(os.Chmod(path, 0o600), damage(path, older.Size)); err != nil {
			t.Fatal(err)
		}
		if err := l.Prune(t.Context()); err != nil {
			t.Errorf("%s: %v", how, err)
		}
		if damaged, err := l.Repair(t.Context(), newer, true); err != nil || len(damaged) != 0 {
			t.Errorf("%s: of the other image %q are damaged, %v", how, damaged, err)
		}
	}
}

func decode(t *testing.T, l *ocilayout.Layout, desc ocispec.Descriptor, into any) {
	t.Helper()
	data, err := content.ReadBlob(t.Context(), l.Store(), desc)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}
