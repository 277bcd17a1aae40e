// Package shared starts a daemon once for all tests of a package.
package shared

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/daemon"
)

// Daemon is a daemon of a test binary, started for the first test that asks. Declare one per package, and stop it in
// TestMain:
//
//	var engine = shared.New(docker.Start)
//
//	func TestMain(m *testing.M) { os.Exit(engine.Run(m.Run)) }
type Daemon[D interface{ Stop() error }] struct {
	start   func(context.Context) (D, error)
	once    sync.Once
	started bool
	daemon  D
	err     error
}

// New returns a Daemon that calls start at most once.
func New[D interface{ Stop() error }](start func(context.Context) (D, error)) *Daemon[D] {
	return &Daemon[D]{start: start}
}

// Run runs the tests, stops the daemon, and returns the exit code.
func (s *Daemon[D]) Run(tests func() int) int {
	code := tests()
	if !s.started {
		return code
	}
	if err := s.daemon.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// Get returns the daemon, started if no test has asked yet. Where it cannot be installed, the test is skipped, except
// under CI=true.
func (s *Daemon[D]) Get(t testing.TB) D {
	t.Helper()
	daemon.RequireLinuxRoot(t)
	s.once.Do(func() {
		// It outlives the test that starts it, and with it t.Context.
		s.daemon, s.err = s.start(context.WithoutCancel(t.Context()))
		s.started = s.err == nil
	})
	if s.err != nil {
		daemon.Require(t, s.err)
	}
	return s.daemon
}
