package worktree

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/worktree/hashcache"
)

// A file system that takes several spellings for one name, as those of macOS and Windows do, gives the same file for each.
func TestHiddenByAnotherSpelling(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, ".npmrc"), []byte("token"), 0o600); err != nil {
		t.Fatal(err)
	}
	parent, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Lstat(filepath.Join(dir, ".npmrc"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := openDisk(dir, []hiddenName{{parent: parent, name: ".NPMRC", self: self}}, hashcache.Open("", ""))
	if err != nil {
		t.Fatal(err)
	}
	children, err := d.top.listChildren()
	if err != nil || len(children) != 0 {
		t.Errorf("%d files are seen (%v)", len(children), err)
	}
}
