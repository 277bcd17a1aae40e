package worktree_test

import (
	"io"
	"io/fs"
	"math"
	"os"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/worktree"
)

// TestLargeFiles has a file whose size takes more than 31 bits hashed to its last byte, and served with that size. The file
// system has it as a hole.
func TestLargeFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("it reads gigabytes")
	}
	t.Parallel()
	const size = math.MaxInt32 + 2
	c := newClone(t)
	c.write("large", "")
	if err := os.Truncate(c.path("large"), size); err != nil {
		t.Fatal(err)
	}
	s := c.snapshot(".", worktree.Filter{})
	err := s.Walk(t.Context(), "", func(_ string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.Size() != size {
			t.Errorf("a file of %d bytes is announced with %d", int64(size), info.Size())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	file, err := s.Open("large") // it fails where other bytes were hashed
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if n, err := io.Copy(io.Discard, file); err != nil || n != size {
		t.Errorf("%d bytes are served, want %d (%v)", n, int64(size), err)
	}
}
