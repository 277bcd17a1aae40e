package worktree_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	fstypes "github.com/tonistiigi/fsutil/types"

	"github.com/xiilab/astrago-ci/magefiles/internal/worktree"
)

func TestSnapshotIsCanonical(t *testing.T) {
	c := newClone(t)
	c.write("a.txt", "a")
	c.writeMode("run.sh", "run", 0o755)
	c.write("dir/b.txt", "b")
	c.link("a.txt", "link")
	c.commit()
	want := c.snapshot(".", worktree.Filter{})
	if got := paths(want); got != "a.txt dir dir/b.txt link->a.txt run.sh" {
		t.Fatalf("the snapshot has %s", got)
	}
	for name, change := range map[string]func(){
		"modes": func() {
			chmod(t, c.path("a.txt"), 0o600)
			chmod(t, c.path("run.sh"), 0o700)
			chmod(t, c.path("dir"), 0o700)
		},
		"time":      func() { touch(t, c.path("a.txt"), time.Unix(1, 5)) },
		"empty":     func() { mkdir(t, c.path("empty/more")) },
		"pipe":      func() { pipe(t, c.path("pipe")) },
		"hard link": func() { relink(t, c.path("a.txt"), filepath.Join(t.TempDir(), "b")) },
		"file mode": func() { c.git("config", "core.fileMode", "false"); chmod(t, c.path("run.sh"), 0o644) },
	} {
		t.Run(name, func(t *testing.T) {
			change()
			if got := c.snapshot(".", worktree.Filter{}); got.Digest() != want.Digest() {
				t.Errorf("the digest changes; the snapshot has %s", paths(got))
			}
		})
	}
	for name, change := range map[string]func(){
		"content": func() { c.write("a.txt", "b") },
		"bit":     func() { c.git("config", "core.fileMode", "true"); chmod(t, c.path("a.txt"), 0o755) },
		"target":  func() { remove(t, c.path("link")); c.link("run.sh", "link") },
		"name":    func() { rename(t, c.path("a.txt"), c.path("c.txt")) },
	} {
		t.Run(name, func(t *testing.T) {
			before := c.snapshot(".", worktree.Filter{}).Digest()
			change()
			if c.snapshot(".", worktree.Filter{}).Digest() == before {
				t.Error("the digest stays")
			}
		})
	}
}

func TestEmptyDirectoryIsKeptWhereGitTracksAFile(t *testing.T) {
	c := newClone(t)
	c.write("logs/.gitkeep", "")
	c.write("gone/file.log", "")
	c.commit()
	mkdir(t, c.path("untracked"))
	if got := paths(c.snapshot(".", worktree.Filter{Exclude: []string{"**/.gitkeep", "**/*.log"}})); got != "gone logs" {
		t.Errorf("the snapshot has %s", got)
	}
}

// BuildKit does not take a file of equal size and time again, so the time tells contents apart; its seconds are real.
func TestTimeTellsContentsApart(t *testing.T) {
	c := newClone(t)
	at := time.Unix(1577836800, 0)
	times := func() (stats []*fstypes.Stat) {
		tree := c.open()
		for _, tree := range []*worktree.Tree{tree, tree.WithTime(time.Unix(1700000000, 77))} {
			s, err := tree.Snapshot(t.Context(), ".", worktree.Filter{})
			if err != nil {
				t.Fatal(err)
			}
			err = s.Walk(t.Context(), "", func(_ string, entry fs.DirEntry, _ error) error {
				info, err := entry.Info()
				stats = append(stats, info.Sys().(*fstypes.Stat))
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		return stats
	}
	c.write("f", "AAAA")
	touch(t, c.path("f"), at)
	before := times()
	c.write("f", "BBBB")
	touch(t, c.path("f"), at)
	after := times()
	for i, seconds := range []int64{at.Unix(), 1700000000} {
		for _, st := range []*fstypes.Stat{before[i], after[i]} {
			if st.ModTime/1e9 != seconds || st.ModTime%1e9 == 0 {
				t.Errorf("time %d, want seconds %d", st.ModTime, seconds)
			}
		}
		if before[i].ModTime == after[i].ModTime {
			t.Error("contents of equal size and time are told apart by nothing")
		}
	}
}

func TestSnapshotOfALinkedDirectory(t *testing.T) {
	c := newClone(t)
	c.write("services/app/a.txt", "a")
	c.link("services/app", "app")
	c.link("services", "lnk")
	want := c.snapshot("services/app", worktree.Filter{})
	for _, dir := range []string{"app", "lnk/app"} {
		if got := c.snapshot(dir, worktree.Filter{}); got.Digest() != want.Digest() || paths(got) != "a.txt" {
			t.Errorf("%s has %s", dir, paths(got))
		}
	}
}

func TestFollowPaths(t *testing.T) {
	c := newClone(t)
	c.write("docker/web.Dockerfile", "FROM scratch")
	c.link("docker/web.Dockerfile", "Dockerfile")
	c.link("/docker/web.Dockerfile", "absolute")
	c.link("../../../docker/web.Dockerfile", "outside")
	c.link("loop", "loop")
	for name, want := range map[string]string{
		"Dockerfile": "Dockerfile->docker/web.Dockerfile docker docker/web.Dockerfile",
		"absolute":   "absolute->/docker/web.Dockerfile docker docker/web.Dockerfile",
		"outside":    "docker docker/web.Dockerfile outside->../../../docker/web.Dockerfile",
		"loop":       "loop->loop",
		"missing":    "",
	} {
		if got := paths(c.snapshot(".", worktree.Filter{Follow: []string{name}})); got != want {
			t.Errorf("%s: the snapshot has %s, want %s", name, got, want)
		}
	}
}

func TestEqualRequestsReadOnce(t *testing.T) {
	c := newClone(t)
	c.write("a", "a")
	tree := c.open()
	all := make([]*worktree.Snapshot, 8)
	var group sync.WaitGroup
	for i := range all {
		group.Go(func() { all[i], _ = tree.Snapshot(t.Context(), c.path("."), worktree.Filter{Exclude: []string{"x"}}) })
	}
	group.Wait()
	c.write("a", "b")
	again, err := tree.Snapshot(t.Context(), ".", worktree.Filter{Exclude: []string{"x"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if s != again {
			t.Fatal("a request read for itself")
		}
	}
	other, err := tree.Snapshot(t.Context(), ".", worktree.Filter{})
	if err != nil || other.Digest() != again.Digest() {
		t.Errorf("another filter reads the file again (%v)", err)
	}
	tree.Reset(t.Context())
	fresh, err := tree.Snapshot(t.Context(), ".", worktree.Filter{})
	if err != nil || fresh.Digest() == again.Digest() {
		t.Errorf("nothing is read again after Reset (%v)", err)
	}
}

func TestCancelledCallerDoesNotFailOthers(t *testing.T) {
	c := newClone(t)
	c.write("a", "a")
	tree := c.open()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := tree.Snapshot(cancelled, ".", worktree.Filter{}); err == nil {
		t.Error("a cancelled caller gets a snapshot")
	}
	if _, err := tree.Snapshot(t.Context(), ".", worktree.Filter{}); err != nil {
		t.Error(err)
	}
}

func TestUnsendableNames(t *testing.T) {
	for _, name := range []string{"caf\xe9.txt", "dir\xff/file"} {
		c := newClone(t)
		c.write(name, "")
		_, err := c.open().Snapshot(t.Context(), ".", worktree.Filter{})
		if err == nil || !strings.Contains(err.Error(), `\x`) || !strings.Contains(err.Error(), "UTF-8") {
			t.Errorf("%q: %v", name, err)
		}
	}
	c := newClone(t)
	c.link("caf\xe9", "link")
	if _, err := c.open().Snapshot(t.Context(), ".", worktree.Filter{}); err == nil || !strings.Contains(err.Error(), `"link"`) {
		t.Errorf("a link to a name: %v", err)
	}
}

func chmod(t *testing.T, name string, mode fs.FileMode) {
	t.Helper()
	if err := os.Chmod(name, mode); err != nil {
		t.Fatal(err)
	}
}

func touch(t *testing.T, name string, at time.Time) {
	t.Helper()
	if err := os.Chtimes(name, at, at); err != nil {
		t.Fatal(err)
	}
}

func mkdir(t *testing.T, name string) {
	t.Helper()
	if err := os.MkdirAll(name, 0o755); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, name string) {
	t.Helper()
	if err := os.RemoveAll(name); err != nil {
		t.Fatal(err)
	}
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

func relink(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Link(from, to); err != nil {
		t.Fatal(err)
	}
}

func pipe(t *testing.T, name string) {
	t.Helper()
	if err := syscall.Mkfifo(name, 0o644); err != nil {
		t.Fatal(err)
	}
}
