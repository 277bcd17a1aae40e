package worktree_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/worktree"
)

// monorepo makes 40 services of 2,500 files each, of 6 KB, in folders of 25.
func monorepo(tb testing.TB, services, files int) string {
	tb.Helper()
	root := tb.TempDir()
	text := make([]byte, 6000)
	for s := range services {
		for f := range files {
			dir := filepath.Join(root, fmt.Sprintf("services/s%02d/src/p%03d", s, f/25))
			if f%25 == 0 {
				if err := os.MkdirAll(dir, 0o755); err != nil {
					tb.Fatal(err)
				}
			}
			copy(text, fmt.Sprintf("package p%d // %d %d\n", f, s, f))
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("file%02d.go", f%25)), text, 0o644); err != nil {
				tb.Fatal(err)
			}
		}
	}
	return root
}

// BenchmarkMonorepo reads 100,000 files as 40 components ask for them: each its own folder, and one of them all.
func BenchmarkMonorepo(b *testing.B) {
	root := monorepo(b, 40, 2500)
	cache := b.TempDir()
	for _, name := range []string{"first", "again"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if name == "first" {
					if err := os.RemoveAll(cache); err != nil {
						b.Fatal(err)
					}
				}
				tree, err := worktree.Open(b.Context(), worktree.Options{Root: root, CacheDir: cache})
				if err != nil {
					b.Fatal(err)
				}
				for s := range 40 {
					if _, err := tree.Snapshot(b.Context(), ".", worktree.Filter{Exclude: []string{"**/node_modules", "*.md"}, Follow: []string{fmt.Sprintf("services/s%02d", s)}}); err != nil {
						b.Fatal(err)
					}
				}
				if _, err := tree.Snapshot(b.Context(), ".", worktree.Filter{Exclude: []string{"**/node_modules", "*.md"}}); err != nil {
					b.Fatal(err)
				}
				if err := tree.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
