package build_test

import (
	"os"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/buildkit"
)

// daemon is shared by the package's tests.
var daemon buildkit.Daemon

func TestMain(m *testing.M) { os.Exit(daemon.Run(m)) }
