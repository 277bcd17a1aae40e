package buildkit_test

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/buildkitd"
)

func TestPruneFreesTheDaemonsSpace(t *testing.T) {
	buildkitd.RequireLinuxRoot(t)
	cache := t.TempDir()
	c, _ := buildkitd.StartOwn(t, cache)
	defer buildkitd.CloseAll(t, c)
	r := newRepository(t)
	r.opts.Connect = buildkitd.Connected(c)
	r.write("large", strings.Repeat("x", 20<<20))
	r.component("core", base+"COPY large /\n")
	r.must()
	before := used(t, cache)
	freed, err := c.Prune(t.Context(), true)
	if err != nil {
		t.Fatal(err)
	}
	if freed.Where != c.Address || freed.Records == 0 || freed.Bytes < 20<<20 {
		t.Errorf("pruning has freed %+v", freed)
	}
	if after := used(t, cache); before-after < 20<<20 {
		t.Errorf("%d bytes were used before and %d after", before, after)
	}
	if again, err := c.Prune(t.Context(), true); err != nil || again.Records != 0 || again.Bytes != 0 {
		t.Errorf("pruning again has freed %+v, %v", again, err)
	}
}

// used is the size of the files below a directory.
func used(t *testing.T, dir string) (size int64) {
	t.Helper()
	err := filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) { // the daemon is at work
			return nil
		}
		if err == nil && entry.Type().IsRegular() {
			if info, infoErr := entry.Info(); infoErr == nil {
				size += info.Size()
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return size
}
