package targets_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/buildkitd"
)

// TestDoctorFindsAFullDisk gives .astrago/ a disk of its own.
func TestDoctorFindsAFullDisk(t *testing.T) {
	t.Parallel()
	buildkitd.RequireLinuxRoot(t)
	a := newWorld(t).application("frontend")
	dir := filepath.Join(a.dir, ".astrago")
	a.must(errors.Join(os.MkdirAll(dir, 0o755), syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64m")))
	t.Cleanup(func() { a.must(syscall.Unmount(dir, 0)) })
	a.wants(a.doctor(), "disk", "fail", "67 MB for .astrago/", "mage prune")
}
