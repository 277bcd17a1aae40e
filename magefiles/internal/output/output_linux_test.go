package output_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/output"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// TestReadOnlyDirectory mounts one, which binds root as well.
func TestReadOnlyDirectory(t *testing.T) {
	if os.Geteuid() != 0 {
		if os.Getenv("CI") == "true" {
			t.Fatal("mounting needs root, and CI requires it")
		}
		t.Skip("mounting needs root")
	}
	root := t.TempDir()
	place := filepath.Join(root, output.Name)
	must(t, os.Mkdir(place, 0o755))
	must(t, syscall.Mount("tmpfs", place, "tmpfs", syscall.MS_RDONLY, ""))
	t.Cleanup(func() { must(t, syscall.Unmount(place, 0)) })
	err := every(root)
	if p := problem.As(err); p == nil || !strings.Contains(err.Error(), place) || !strings.Contains(p.Remedy, "writable") {
		t.Errorf("error %v", err)
	}
}
