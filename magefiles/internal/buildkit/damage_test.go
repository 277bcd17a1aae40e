package buildkit_test

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"testing"

	"github.com/containerd/containerd/v2/core/content"
)

// damages are the kinds of damage to a blob, by name. It gives the file back as it was dated.
var damages = map[string]func(path string, size int64) error{
	"removed":     func(path string, _ int64) error { return os.Remove(path) },
	"emptied":     func(path string, _ int64) error { return os.Truncate(path, 0) },
	"cut":         func(path string, size int64) error { return os.Truncate(path, size-1) },
	"overwritten": func(path string, size int64) error { return os.WriteFile(path, make([]byte, size), 0o600) },
}

// TestDamagedBlobIsMadeAgain damages each blob of an image in each way: the next build makes it again, whether or not it knows
// the image's inputs, and all of it is whole then.
func TestDamagedBlobIsMadeAgain(t *testing.T) {
	r := newRepository(t)
	r.write("src/main.txt", rand.Text())
	r.component("core", compiled)
	r.check()
	root := r.must()[0].Descriptor
	layout := openLayout(t, r.opts.Layout)
	var blobs []content.Info
	if err := layout.Store().Walk(t.Context(), func(info content.Info) error { blobs = append(blobs, info); return nil }); err != nil {
		t.Fatal(err)
	}
	for how, damage := range damages {
		for _, blob := range blobs {
			path := filepath.Join(r.opts.Layout, "blobs", "sha256", blob.Digest.Encoded())
			if err := os.Chmod(path, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := damage(path, blob.Size); err != nil {
				t.Fatal(err)
			}
			known := how != "cut" // else no check was made before the build
			r.opts.Fingerprints = nil
			if known {
				r.check()
			}
			img := r.must()[0]
			if img.Reused || known && img.Descriptor.Digest != root.Digest {
				t.Errorf("%s %s: %+v", how, blob.Digest, img)
			}
			damaged, err := openLayout(t, r.opts.Layout).Repair(t.Context(), img.Descriptor, true)
			if err != nil || len(damaged) != 0 {
				t.Errorf("%s %s: after the next build %q are damaged, %v", how, blob.Digest, damaged, err)
			}
			r.check()
			if img := r.must()[0]; known && !img.Reused {
				t.Errorf("%s %s: the whole image is not reused", how, blob.Digest)
			}
		}
	}
}
