package targets_test

import (
	"os"
	"path/filepath"
	"testing"
)

// largest is the largest blob of an application's layout, a layer.
func (a *application) largest() (path string, info os.FileInfo) {
	a.t.Helper()
	dir := filepath.Join(a.dir, ".astrago", "images", "blobs", "sha256")
	entries, err := os.ReadDir(dir)
	a.must(err)
	for _, entry := range entries {
		other, err := entry.Info()
		a.must(err)
		if info == nil || other.Size() > info.Size() {
			path, info = filepath.Join(dir, entry.Name()), other
		}
	}
	a.must(os.Chmod(path, 0o600))
	return path, info
}

// TestDamagedImageIsMadeAgain after a full disk, a power failure or a restored cache: a push says what to do, and doing it helps.
func TestDamagedImageIsMadeAgain(t *testing.T) {
	t.Parallel()
	layer := func(damage func(path string, size int64) error) func(*application) []string {
		return func(a *application) []string {
			path, info := a.largest()
			a.must(damage(path, info.Size()))
			return []string{"1 blob missing or damaged", filepath.Base(path), "make them again: mage build"}
		}
	}
	for what, damage := range map[string]func(*application) []string{
		"cut":         layer(func(path string, size int64) error { return os.Truncate(path, size/2) }),
		"overwritten": layer(func(path string, size int64) error { return os.WriteFile(path, make([]byte, size), 0o600) }),
		"removed":     layer(func(path string, _ int64) error { return os.Remove(path) }),
		"no index": func(a *application) []string {
			a.must(os.Truncate(filepath.Join(a.dir, ".astrago", "images", "index.json"), 0))
			return []string{"was not built for this commit", "mage build"}
		},
	} {
		t.Run(what, func(t *testing.T) {
			a := newWorld(t).application("frontend")
			a.succeed("build")
			a.refuse(1, damage(a), "push")
			a.nothing()
			a.succeed("build")
			a.succeed("push")
		})
	}
}

// TestOutputIsInTheWay: a file of the application's has the name of our directory.
func TestOutputIsInTheWay(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("frontend")
	a.write(".astrago", "theirs")
	a.commit("a file of that name")
	a.refuse(1, []string{".astrago", "it is a file", "rename or remove it"}, "build")
	if got := readFile(t, filepath.Join(a.dir, ".astrago")); got != "theirs" {
		t.Errorf("the file is %q now", got)
	}
}

// TestDistIsTheApplications: a changed file in dist/ makes the tree another than its commit.
func TestDistIsTheApplications(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("frontend")
	a.write("dist/app.js", "committed")
	a.commit("track what was built")
	a.write("dist/app.js", "changed")
	a.refuse(3, []string{"refusing to", "dist/app.js"}, "release")
}
