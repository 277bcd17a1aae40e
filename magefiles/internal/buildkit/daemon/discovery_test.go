package daemon_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
)

func TestDiscoverTellsWithoutDoing(t *testing.T) {
	live := sharedDaemon.Connection(t).Address
	none := "unix://" + filepath.Join(t.TempDir(), "none.sock")
	cache := t.TempDir()
	t.Setenv("DOCKER_HOST", none)
	for _, tc := range []struct {
		o      daemon.Options
		usable []bool
		taken  int
	}{
		{daemon.Options{Host: none + "," + live}, []bool{false, true}, 1},
		{daemon.Options{Docker: true, Sockets: []string{none, live}}, []bool{false, false, true, true}, 2},
		{daemon.Options{Sockets: []string{none}}, []bool{false, true}, 1},
	} {
		tc.o.CacheDir = cache
		all, err := daemon.Discover(t.Context(), tc.o)
		if err != nil || len(all) != len(tc.usable) {
			t.Fatalf("%+v, %v", all, err)
		}
		for i, c := range all {
			if c.Usable != tc.usable[i] || c.Taken != (i == tc.taken) || c.Why == "" || c.Address == live && (c.Version != daemon.Version || len(c.Platforms) == 0 || !c.Local) {
				t.Errorf("candidate %d is %+v", i, c)
			}
		}
	}
	if left, err := os.ReadDir(cache); err != nil || len(left) != 0 {
		t.Errorf("it has left %v, %v", left, err)
	}
}
