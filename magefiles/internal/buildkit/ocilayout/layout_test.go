package ocilayout_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/ocilayout"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

func openLayout(t *testing.T, dir string) *ocilayout.Layout {
	t.Helper()
	l, err := ocilayout.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// manifest writes an image whose layer is text and gives its manifest.
func manifest(t *testing.T, l *ocilayout.Layout, text string) ocispec.Descriptor {
	t.Helper()
	blob := func(mediaType string, data []byte) ocispec.Descriptor {
		desc := ocispec.Descriptor{MediaType: mediaType, Digest: digest.FromBytes(data), Size: int64(len(data))}
		if err := content.WriteBlob(t.Context(), l.Store(), desc.Digest.String(), bytes.NewReader(data), desc); err != nil {
			t.Fatal(err)
		}
		return desc
	}
	config := blob(ocispec.MediaTypeImageConfig, []byte(`{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}`))
	layer := blob(ocispec.MediaTypeImageLayer, []byte(text))
	return blob(ocispec.MediaTypeImageManifest, fmt.Appendf(nil,
		`{"schemaVersion":2,"mediaType":%q,"config":{"mediaType":%q,"digest":%q,"size":%d},"layers":[{"mediaType":%q,"digest":%q,"size":%d}]}`,
		ocispec.MediaTypeImageManifest, config.MediaType, config.Digest, config.Size, layer.MediaType, layer.Digest, layer.Size))
}

func blobs(t *testing.T, l *ocilayout.Layout) (n int) {
	t.Helper()
	err := l.Store().Walk(t.Context(), func(content.Info) error { n++; return nil })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestLayoutFindsWhatWasPut(t *testing.T) {
	dir := filepath.Join(t.TempDir(), ".astrago", "images")
	l := openLayout(t, dir)
	first, second := manifest(t, l, "first"), manifest(t, l, "second")
	const ref = "ghcr.io/acme/shop:core-1"
	for _, desc := range []ocispec.Descriptor{first, second} {
		if err := l.Put(t.Context(), ocilayout.Entry{Ref: refs.Image(ref), Descriptor: desc}); err != nil {
			t.Fatal(err)
		}
		for name, seen := range map[string]*ocilayout.Layout{"the same layout": l, "a layout opened anew": openLayout(t, dir)} {
			if got, ok := seen.Find(refs.Image(ref)); !ok || got.Digest != desc.Digest {
				t.Errorf("%s has %v for %s, want %s", name, got.Digest, ref, desc.Digest)
			}
		}
	}
	if _, ok := l.Find(refs.Image("ghcr.io/acme/shop:core-2")); ok {
		t.Error("a name that was never put is found")
	}
	read, err := layout.ImageIndexFromPath(dir) // another implementation reads it
	if err != nil {
		t.Fatal(err)
	}
	index, err := read.IndexManifest()
	if err != nil || len(index.Manifests) != 1 || index.Manifests[0].Digest.String() != second.Digest.String() {
		t.Errorf("go-containerregistry reads %+v, %v; want one entry %s", index, err, second.Digest)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "..", ".gitignore")); err != nil || string(got) != "*\n" {
		t.Errorf(".gitignore is %q, %v", got, err)
	}
}

func TestLayoutTakesConcurrentBuilds(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "images")
	desc := manifest(t, openLayout(t, dir), "layer")
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() { // each as a process of its own would
			l, err := ocilayout.Open(dir)
			if err == nil {
				err = l.Put(t.Context(), ocilayout.Entry{Ref: refs.Image(fmt.Sprintf("acme/shop:%d", i)), Descriptor: desc})
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	l := openLayout(t, dir)
	for i := range 20 {
		if _, ok := l.Find(refs.Image(fmt.Sprintf("acme/shop:%d", i))); !ok {
			t.Errorf("entry %d is lost", i)
		}
	}
}

func TestPruneKeepsTheLastBuilds(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "images")
	l := openLayout(t, dir)
	for i := range 7 { // three blobs each, of which the config is shared
		desc := manifest(t, l, fmt.Sprint("layer ", i))
		if err := l.Put(t.Context(), ocilayout.Entry{Ref: refs.Image(fmt.Sprintf("acme/shop:%d", i)), Descriptor: desc}); err != nil {
			t.Fatal(err)
		}
	}
	manifest(t, l, "never put")
	writer, err := l.Store().Writer(t.Context(), content.WithRef("killed half way"))
	if err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "ingest", "killed before its first byte"), 0o755); err != nil {
		t.Fatal(err)
	}
	release, err := l.Hold(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	before := blobs(t, l)
	if err := l.Prune(t.Context()); err != nil || blobs(t, l) != before {
		t.Errorf("a held layout was pruned (%v)", err)
	}
	release()
	if err := l.Prune(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := blobs(t, l), 5*2+1; got != want {
		t.Errorf("%d blobs are left, want %d", got, want)
	}
	for i := range 7 {
		if _, ok := l.Find(refs.Image(fmt.Sprintf("acme/shop:%d", i))); ok != (i >= 2) {
			t.Errorf("entry %d: found %t", i, ok)
		}
	}
	if left, err := os.ReadDir(filepath.Join(dir, "ingest")); err != nil || len(left) != 0 {
		t.Errorf("half-written blobs are left: %v, %v", left, err)
	}
}

func TestHoldEndsWithItsContext(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "images")
	l := openLayout(t, dir)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Hold(ctx); err == nil {
		t.Error("a cancelled caller got the layout")
	}
}
