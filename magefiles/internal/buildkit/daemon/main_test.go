package daemon_test

import (
	"os"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/buildkitd"
)

// sharedDaemon is that of the package's tests.
var sharedDaemon buildkitd.Daemon

func TestMain(m *testing.M) { os.Exit(sharedDaemon.Run(m)) }
