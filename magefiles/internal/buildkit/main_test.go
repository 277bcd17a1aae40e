package buildkit_test

import (
	"os"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/buildkitd"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/docker"
)

// Both are shared by the package's tests.
var (
	sharedDaemon buildkitd.Daemon
	engine       docker.Shared
)

func TestMain(m *testing.M) {
	os.Exit(engine.Run(func() int { return sharedDaemon.Run(m) }))
}
