package source

import (
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Stamps are when the files of a tree were last written, by path. They are only compared with each other: the clock of a
// file system need not be ours.
type Stamps map[string]time.Time

// Stamps reads them from the working tree at root. What is not there, or is a submodule, has none.
func (t Tree) Stamps(root string) Stamps {
	stamps := make(Stamps, len(t.Files))
	for _, f := range t.Files {
		info, err := os.Lstat(filepath.Join(root, filepath.FromSlash(f.Path)))
		if err == nil && !info.IsDir() {
			stamps[f.Path] = info.ModTime()
		}
	}
	return stamps
}

// Written gives the paths that were written, added or removed between two readings, sorted.
func (s Stamps) Written(later Stamps) []string {
	var paths []string
	for path, stamp := range later {
		if before, known := s[path]; !known || !before.Equal(stamp) {
			paths = append(paths, path)
		}
	}
	for path := range s {
		if _, left := later[path]; !left {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}

// Without gives the tree with no ID for some of its files: nothing is known of what was in them.
func (t Tree) Without(paths []string) Tree {
	t.Files = slices.Clone(t.Files)
	for i, f := range t.Files {
		if _, found := slices.BinarySearch(paths, f.Path); found {
			t.Files[i].ID = ""
		}
	}
	return t
}
