package containerd_test

import (
	"os"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/containerd"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/shared"
)

var daemon = shared.New(containerd.Start)

func TestMain(m *testing.M) { os.Exit(daemon.Run(m.Run)) }

func TestNothingIsThereAtFirst(t *testing.T) {
	c := daemon.Get(t)
	out, err := c.Command(t.Context(), "images", "ls", "--quiet").CombinedOutput()
	if err != nil || len(out) != 0 {
		t.Errorf("ctr says %q, %v", out, err)
	}
}
