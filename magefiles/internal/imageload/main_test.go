package imageload_test

import (
	"os"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/buildkitd"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/containerd"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/docker"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/shared"
)

// The package's tests share these.
var (
	daemon       buildkitd.Daemon
	dockerEngine = shared.New(docker.Start)
	machine      = shared.New(containerd.Start)
)

func TestMain(m *testing.M) {
	os.Exit(dockerEngine.Run(func() int { return machine.Run(func() int { return daemon.Run(m) }) }))
}
