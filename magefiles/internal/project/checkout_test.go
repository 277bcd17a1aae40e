package project

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// TestTheCheckoutIsWhereItIsCalled: the binary may have been compiled from another clone with the same content.
func TestTheCheckoutIsWhereItIsCalled(t *testing.T) {
	clone, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(clone)
	if _, err := openCheckout(); problem.As(err) == nil || problem.As(err).Status != problem.Usage || !strings.Contains(err.Error(), clone) {
		t.Errorf("in a directory of something else: %v", err)
	}
	if err := os.WriteFile("go.mod", []byte("module github.com/xiilab/astrago-ci\n\ngo 1.26.0\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	c, err := openCheckout()
	if err != nil || c.dir != clone {
		t.Errorf("in %s the checkout is %q, %v", clone, c.dir, err)
	}
}
