package daemon_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/buildkitd"
)

// The state of astrago-ci's own daemon is found beside the daemon that builds use by now.
func TestExistingFindsOurOwnBesideAnother(t *testing.T) {
	buildkitd.RequireLinuxRoot(t)
	cache := t.TempDir()
	own, _ := buildkitd.StartOwn(t, cache)
	defer buildkitd.CloseAll(t, own)
	o, err := buildkitd.Options(cache)
	if err != nil {
		t.Fatal(err)
	}
	other := sharedDaemon.Connection(t).Address
	o.Sockets = []string{other}
	for existing, want := range map[bool][]string{false: {other}, true: {other, own.Address}} {
		o.Existing = existing
		all, err := daemon.ConnectAll(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range all {
			got = append(got, c.Address)
		}
		buildkitd.CloseAll(t, all...)
		if !slices.Equal(got, want) {
			t.Errorf("existing %v: %q, want %q", existing, got, want)
		}
	}
}

func TestExistingMakesNothing(t *testing.T) {
	cache := t.TempDir()
	o, err := buildkitd.Options(cache)
	if err != nil {
		t.Fatal(err)
	}
	o.Existing, o.BinDir = true, t.TempDir()
	if _, err := daemon.Connect(t.Context(), o); !errors.Is(err, daemon.ErrNotFound) {
		t.Errorf("got %v, want no daemon", err)
	}
	if _, err := os.Stat(filepath.Join(cache, "buildkit")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("something was made: %v", err)
	}
}
