package buildkit

import (
	"context"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/build"
)

// StartOwn connects to our own daemon of a cache, which ends with the test at the latest.
func StartOwn(t testing.TB, cache string, settings ...build.Daemon) (c *build.Connection, socket string) {
	t.Helper()
	o, err := Options(cache)
	if err != nil {
		t.Fatal(err)
	}
	if len(settings) > 0 {
		o.Daemon = settings[0]
	}
	StopWithTest(t, cache)
	if c, err = build.Connect(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	return c, strings.TrimPrefix(c.Address, "unix://")
}

// StopWithTest ends the daemon of a cache with the test.
func StopWithTest(t testing.TB, cache string) {
	t.Helper()
	t.Cleanup(func() {
		if err := build.StopDaemon(context.WithoutCancel(t.Context()), cache); err != nil {
			t.Error(err)
		}
	})
}

// CloseAll closes connections, and fails the test where that fails.
func CloseAll(t testing.TB, all ...*build.Connection) {
	t.Helper()
	if err := build.CloseAll(all); err != nil {
		t.Error(err)
	}
}
