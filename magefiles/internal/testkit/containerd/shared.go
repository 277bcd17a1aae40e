package containerd

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/daemon"
)

// Shared is the containerd of a test binary, started for the first test that asks. Declare one per package, and stop it
// in TestMain:
//
//	var shared containerd.Shared
//
//	func TestMain(m *testing.M) { os.Exit(shared.Run(m.Run)) }
type Shared struct {
	once       sync.Once
	containerd *Containerd
	err        error
}

// Run runs the tests and stops containerd. It gives the exit code.
func (s *Shared) Run(tests func() int) int {
	code := tests()
	if s.containerd == nil {
		return code
	}
	if err := s.containerd.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// Containerd starts it if no test has yet. Where it cannot be installed, the test is skipped, except
// under CI=true.
func (s *Shared) Containerd(t testing.TB) *Containerd {
	t.Helper()
	daemon.RequireLinuxRoot(t)
	s.once.Do(func() {
		// It outlives the test that starts it, and with it t.Context.
		s.containerd, s.err = Start(context.WithoutCancel(t.Context()))
	})
	if s.err != nil {
		daemon.Require(t, s.err)
	}
	return s.containerd
}
