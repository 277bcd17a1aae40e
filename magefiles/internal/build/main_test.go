package build_test

import (
	"os"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/buildkit"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/docker"
)

// Both are shared by the package's tests.
var (
	daemon buildkit.Daemon
	engine docker.Shared
)

func TestMain(m *testing.M) {
	os.Exit(engine.Run(func() int { return daemon.Run(m) }))
}
