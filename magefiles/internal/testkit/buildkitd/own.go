package buildkitd

import (
	"context"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
)

// StartOwn connects to astrago-ci's own daemon of a cache, which ends with the test at the latest.
func StartOwn(t testing.TB, cache string, settings ...daemon.Settings) (c *daemon.Connection, socket string) {
	t.Helper()
	o, err := Options(cache)
	if err != nil {
		t.Fatal(err)
	}
	if len(settings) > 0 {
		o.Daemon = settings[0]
	}
	StopWithTest(t, cache)
	if c, err = daemon.Connect(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	return c, strings.TrimPrefix(c.Address, "unix://")
}

// StopWithTest ends the daemon of a cache with the test.
func StopWithTest(t testing.TB, cache string) {
	t.Helper()
	t.Cleanup(func() {
		if err := daemon.Stop(context.WithoutCancel(t.Context()), cache); err != nil {
			t.Error(err)
		}
	})
}

// CloseAll closes connections, and fails the test where that fails.
func CloseAll(t testing.TB, all ...*daemon.Connection) {
	t.Helper()
	if err := daemon.CloseAll(all); err != nil {
		t.Error(err)
	}
}
