package shared_test

import (
	"context"
	"errors"
	"os"
	"runtime"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/shared"
)

// counter is a daemon that counts its ends.
type counter struct {
	stops   int
	failure error
}

func (c *counter) Stop() error {
	c.stops++
	return c.failure
}

func TestADaemonStartsAndStopsOnce(t *testing.T) {
	if runtime.GOOS != "linux" || os.Geteuid() != 0 {
		t.Skip("shared daemons are root's, on Linux")
	}
	starts, c := 0, &counter{}
	daemon := shared.New(func(context.Context) (*counter, error) { starts++; return c, nil })
	if code := daemon.Run(func() int { return 3 }); code != 3 || c.stops != 0 {
		t.Errorf("without a user: exit code %d, stopped %d times", code, c.stops)
	}
	code := daemon.Run(func() int { daemon.Get(t); daemon.Get(t); return 0 })
	if code != 0 || starts != 1 || c.stops != 1 {
		t.Errorf("exit code %d, started %d times, stopped %d times", code, starts, c.stops)
	}
	c.failure = errors.New("still running")
	if code := daemon.Run(func() int { return 0 }); code != 1 {
		t.Errorf("a daemon that does not stop ends with %d", code)
	}
}
