package build_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/build"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/buildkit"
)

func TestPruneFreesTheDaemonsSpace(t *testing.T) {
	buildkit.RequireLinuxRoot(t)
	cache := t.TempDir()
	c, _ := startOwn(t, cache)
	defer closeAll(t, c)
	r := newRepository(t)
	r.opts.Connect = build.Connected(c)
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

// What our own daemon has kept is found beside the daemon that builds use by now.
func TestExistingFindsOurOwnBesideAnother(t *testing.T) {
	buildkit.RequireLinuxRoot(t)
	cache := t.TempDir()
	own, _ := startOwn(t, cache)
	defer closeAll(t, own)
	o, err := buildkit.Options(cache)
	if err != nil {
		t.Fatal(err)
	}
	other := daemon.Connection(t).Address
	o.Sockets = []string{other}
	for existing, want := range map[bool][]string{false: {other}, true: {other, own.Address}} {
		o.Existing = existing
		all, err := build.ConnectAll(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range all {
			got = append(got, c.Address)
		}
		closeAll(t, all...)
		if !slices.Equal(got, want) {
			t.Errorf("existing %v: %q, want %q", existing, got, want)
		}
	}
}

func TestExistingMakesNothing(t *testing.T) {
	cache := t.TempDir()
	o, err := buildkit.Options(cache)
	if err != nil {
		t.Fatal(err)
	}
	o.Existing, o.BinDir = true, t.TempDir()
	if _, err := build.Connect(t.Context(), o); !errors.Is(err, build.ErrNoDaemon) {
		t.Errorf("got %v, want no daemon", err)
	}
	if _, err := os.Stat(filepath.Join(cache, "buildkit")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("something was made: %v", err)
	}
}
