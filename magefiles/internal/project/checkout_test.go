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
	if err := os.Mkdir("scripts", 0o755); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"go.mod": "module github.com/xiilab/astrago-ci\n\ngo 1.26.0\n", "scripts/mage": "#!/bin/sh\nflags='-trimpath'\n",
	} {
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c, err := openCheckout()
	if err != nil || c.dir != clone || c.flags != "-trimpath" {
		t.Errorf("in %s the checkout is %+v, %v", clone, c, err)
	}
}
