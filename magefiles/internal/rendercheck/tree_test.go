package rendercheck_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/rendercheck"
)

// TestNothingIsWrittenOutside unpacks archives that try to.
func TestNothingIsWrittenOutside(t *testing.T) {
	outside := t.TempDir()
	for name, entries := range map[string][]tar.Header{
		"climbing":     {{Name: "a/../../../escaped", Typeflag: tar.TypeReg}},
		"absolute":     {{Name: "a//" + outside + "/escaped", Typeflag: tar.TypeReg}},
		"through link": {{Name: "a/link", Linkname: outside, Typeflag: tar.TypeSymlink}, {Name: "a/link/escaped", Typeflag: tar.TypeReg}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			var archive bytes.Buffer
			zipped := gzip.NewWriter(&archive)
			tarred := tar.NewWriter(zipped)
			for _, header := range entries {
				if err := tarred.WriteHeader(&header); err != nil {
					t.Fatal(err)
				}
			}
			if err := tarred.Close(); err != nil {
				t.Fatal(err)
			}
			if err := zipped.Close(); err != nil {
				t.Fatal(err)
			}
			err := w.check(rendercheck.Edit{Place: "acme/deployment@main", Archive: archive.Bytes(), Images: []rendercheck.Image{{}}}, config.Check{Command: "true"})
			if err == nil {
				t.Error("it is accepted")
			}
			if _, err := os.Stat(filepath.Join(outside, "escaped")); err == nil {
				t.Error("a file was written outside")
			}
		})
	}
}
