package build

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sync/errgroup"
)

// Several builds walk one context at once; the race detector sees what they share.
func TestContextIsWalkedConcurrently(t *testing.T) {
	dir := t.TempDir()
	for i := range 50 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint("file", i)), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for range 20 {
		files, err := contextSource{hidden: []string{filepath.Join(dir, "dist")}}.files(dir)
		if err != nil {
			t.Fatal(err)
		}
		var group errgroup.Group
		for range 4 {
			group.Go(func() error {
				return files.Walk(t.Context(), "", func(string, fs.DirEntry, error) error { return nil })
			})
		}
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
	}
}
