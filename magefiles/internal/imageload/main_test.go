package imageload_test

import (
	"os"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/buildkitd"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/containerd"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/docker"
)

// The package's tests share these.
var (
	daemon       buildkitd.Daemon
	dockerEngine docker.Shared
	machine      containerd.Shared
)

func TestMain(m *testing.M) {
	os.Exit(dockerEngine.Run(func() int { return machine.Run(func() int { return daemon.Run(m) }) }))
}
