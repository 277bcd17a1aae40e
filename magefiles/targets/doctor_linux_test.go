package targets_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/buildkit"
)

// TestDoctorFindsAFullDisk gives dist/ a disk of its own.
func TestDoctorFindsAFullDisk(t *testing.T) {
	buildkit.RequireLinuxRoot(t)
	a := newWorld(t).application("frontend")
	dist := filepath.Join(a.dir, "dist")
	a.must(errors.Join(os.MkdirAll(dist, 0o755), syscall.Mount("tmpfs", dist, "tmpfs", 0, "size=64m")))
	t.Cleanup(func() { a.must(syscall.Unmount(dist, 0)) })
	a.wants(a.doctor(), "disk", "fail", "67 MB for dist/", "mage prune")
}
