package build_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/build"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/buildkit"
)

// What our own daemon has kept is found beside the daemon that builds use by now.
func TestExistingFindsOurOwnBesideAnother(t *testing.T) {
	buildkit.RequireLinuxRoot(t)
	cache := t.TempDir()
	own, _ := buildkit.StartOwn(t, cache)
	defer buildkit.CloseAll(t, own)
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
		buildkit.CloseAll(t, all...)
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
