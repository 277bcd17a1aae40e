package buildkit_test

import (
	"os"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/buildkitd"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/docker"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/shared"
)

// Both are shared by the package's tests.
var (
	sharedDaemon buildkitd.Daemon
	engine       = shared.New(docker.Start)
)

func TestMain(m *testing.M) {
	os.Exit(engine.Run(func() int { return sharedDaemon.Run(m) }))
}
