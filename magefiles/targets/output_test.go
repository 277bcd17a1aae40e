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

// TestDamagedImageIsMadeAgain cuts a layer in the layout: a push says what to do, and doing it helps.
func TestDamagedImageIsMadeAgain(t *testing.T) {
	a := newWorld(t).application("frontend")
	a.succeed("build")
	path, info := a.largest()
	a.must(os.Truncate(path, info.Size()/2))
	a.refuse(1, []string{"1 blob missing or damaged", filepath.Base(path), "make them again: mage build"}, "push")
	a.succeed("build")
	a.succeed("push")
}

// TestOutputIsInTheWay: a file of the application's has the name of our directory.
func TestOutputIsInTheWay(t *testing.T) {
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
	a := newWorld(t).application("frontend")
	a.write("dist/app.js", "committed")
	a.commit("track what was built")
	a.write("dist/app.js", "changed")
	a.refuse(3, []string{"refusing to", "dist/app.js"}, "release")
}
