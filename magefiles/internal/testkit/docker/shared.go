package docker

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/daemon"
)

// Shared is the Engine of a test binary, started for the first test that asks. Declare one per package, and stop it in
// TestMain:
//
//	var engine docker.Shared
//
//	func TestMain(m *testing.M) { os.Exit(engine.Run(m.Run)) }
type Shared struct {
	once   sync.Once
	engine *Engine
	err    error
}

// Run runs the tests and stops the Engine. It gives the exit code.
func (s *Shared) Run(tests func() int) int {
	code := tests()
	if s.engine == nil {
		return code
	}
	if err := s.engine.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// Engine starts the Engine if no test has yet. Where it cannot be installed, the test is skipped, except
// under CI=true.
func (s *Shared) Engine(t testing.TB) *Engine {
	t.Helper()
	daemon.RequireLinuxRoot(t)
	s.once.Do(func() {
		// It outlives the test that starts it, and with it t.Context.
		s.engine, s.err = Start(context.WithoutCancel(t.Context()))
	})
	if s.err != nil {
		daemon.Require(t, s.err)
	}
	return s.engine
}
