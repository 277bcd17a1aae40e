package containerd_test

import (
	"os"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/containerd"
)

var shared containerd.Shared

func TestMain(m *testing.M) { os.Exit(shared.Run(m.Run)) }

func TestNothingIsThereAtFirst(t *testing.T) {
	c := shared.Containerd(t)
	out, err := c.Command(t.Context(), "images", "ls", "--quiet").CombinedOutput()
	if err != nil || len(out) != 0 {
		t.Errorf("ctr says %q, %v", out, err)
	}
}
