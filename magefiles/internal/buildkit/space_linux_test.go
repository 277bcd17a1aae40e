package buildkit_test

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/buildkitd"
)

// mountSmall returns a directory a disk of its own.
func mountSmall(t *testing.T, dir, size string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// A build that failed may still be closing its files: the disk goes with the last of them.
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
}

// The daemon is not blamed for the disk that takes the images from it.
func TestFullDiskOfDistIsOurs(t *testing.T) {
	buildkitd.RequireLinuxRoot(t)
	r := newRepository(t)
	mountSmall(t, filepath.Join(r.root, ".astrago"), "2m")
	noise := make([]byte, 4<<20) // it does not compress
	_, _ = rand.Read(noise)
	r.write("large", string(noise))
	r.component("core", "FROM scratch\nCOPY large /\n")
	_, err := r.run()
	p := problem.As(err)
	if p == nil || !strings.Contains(p.Error(), "the disk of .astrago/images is full") || strings.Contains(p.Error(), "daemon") {
		t.Errorf("a full disk: %v", err)
	}
}

// TestFullDiskOffersPrune has a daemon whose disk takes less than what is built on it.
func TestFullDiskOffersPrune(t *testing.T) {
	buildkitd.RequireLinuxRoot(t)
	cache := t.TempDir()
	mountSmall(t, cache, "48m")
	c, _ := buildkitd.StartOwn(t, cache)
	defer buildkitd.CloseAll(t, c)
	r := newRepository(t)
	r.opts.Connect = buildkitd.Connected(c)
	r.write("large", strings.Repeat("x", 60<<20))
	r.component("core", base+"COPY large /\n")
	for range 2 {
		_, err := r.run()
		p := problem.As(err)
		if p == nil || !strings.Contains(p.Error(), "out of space") || !strings.Contains(p.Remedy, "mage prune") {
			t.Errorf("a full disk: %v", err)
		}
		// The daemon lets go of what the failed build had a moment later.
		buildkitd.WaitFor(t, "space to be free", func() bool {
			if _, err := c.Prune(t.Context(), true); err != nil {
				t.Errorf("pruning on a full disk: %v", err)
			}
			var disk syscall.Statfs_t
			err := syscall.Statfs(cache, &disk)
			return err == nil && disk.Bavail*uint64(disk.Bsize) > 30<<20
		})
	}
	r.write("large", "small by now")
	r.must()
}
