package worktree_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/worktree"
)

// unreadable names a directory for the process that TestUnreadableFiles starts as another user.
const unreadable = "WORKTREE_TEST_UNREADABLE"

// Root reads everything, so the test runs once more as a user that does not.
func TestUnreadableFiles(t *testing.T) {
	if root := os.Getenv(unreadable); root != "" {
		tryUnreadable(t, root)
		return
	}
	root := t.TempDir()
	chmod(t, filepath.Dir(root), 0o755) // it is the test's own
	c := clone{t: t, root: root}
	c.write("file/ok", "")
	c.writeMode("file/secret", "", 0)
	c.write("folder/ok", "")
	c.write("folder/locked/a", "")
	chmod(t, c.path("folder/locked"), 0)
	c.write("itself/a", "")
	chmod(t, c.path("itself"), 0)
	t.Cleanup(func() {
		for _, dir := range []string{"folder/locked", "itself"} {
			_ = os.Chmod(c.path(dir), 0o755) // so that it can be removed
		}
	})
	cmd := exec.CommandContext(t.Context(), "/proc/self/exe", "-test.run=^TestUnreadableFiles$", "-test.v")
	cmd.Env = append(os.Environ(), unreadable+"="+root, "HOME=/")
	cmd.Dir = "/"
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestUnreadableFiles") {
		t.Errorf("as another user: %v\n%s", err, out)
	}
}

func tryUnreadable(t *testing.T, root string) {
	t.Helper()
	tree, err := worktree.Open(t.Context(), worktree.Options{Root: root})
	if err != nil {
		t.Fatal(err)
	}
	for dir, named := range map[string]string{"file": `"secret"`, "folder": `locked`, "itself": `"itself"`} {
		_, err := tree.Snapshot(t.Context(), dir, worktree.Filter{})
		p := problem.As(err)
		if p == nil || !strings.Contains(err.Error(), named) || !strings.Contains(p.Remedy, ".dockerignore") {
			t.Errorf("%s: %v", dir, err)
		}
	}
	for dir, pattern := range map[string]string{"file": "secret", "folder": "locked"} {
		s, err := tree.Snapshot(t.Context(), dir, worktree.Filter{Exclude: []string{pattern}})
		if err != nil || paths(s) != "ok" {
			t.Errorf("%s without %s: %v", dir, pattern, err)
		}
	}
	if _, err := tree.Read(t.Context(), "file", "secret"); err == nil || !strings.Contains(err.Error(), "permission denied") {
		t.Errorf("read: %v", err)
	}
}

// Components whose contexts overlap read what they share once, and hide the same.
func TestOverlappingContexts(t *testing.T) {
	c := newClone(t)
	c.write("services/app/a", "1")
	c.write("services/app/token", "secret")
	tree := c.open("services/app/token")
	want := map[string]string{".": "services services/app services/app/a", "services": "app app/a", "services/app": "a"}
	digests := map[string]string{}
	for _, dir := range []string{"services", ".", "services/app"} {
		s, err := tree.Snapshot(t.Context(), dir, worktree.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		entries := s.Entries()
		digests[dir] = entries[len(entries)-1].Digest.String()
		if paths(s) != want[dir] {
			t.Errorf("%s has %s", dir, paths(s))
		}
		c.write("services/app/a", "2") // too late for the others
	}
	if digests["."] != digests["services"] || digests["."] != digests["services/app"] {
		t.Errorf("the file is another one in each: %v", digests)
	}
}

func TestDirectoryThatIsNotThere(t *testing.T) {
	c := newClone(t)
	c.write("file", "")
	c.link("nowhere", "dangling")
	c.link("loop", "loop")
	for _, dir := range []string{"missing", "file", "dangling", "loop", "file/below"} {
		if _, err := c.open().Snapshot(t.Context(), dir, worktree.Filter{}); err == nil || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: %v", dir, err)
		}
		if _, err := c.open().Read(t.Context(), dir, "Dockerfile"); err == nil {
			t.Errorf("%s: a file is read", dir)
		}
	}
	tree := c.open()
	c.write("dir/a", "")
	if _, err := tree.Read(t.Context(), "dir", "a"); err != nil {
		t.Error(err)
	}
	remove(t, c.path("dir"))
	if _, err := tree.Snapshot(t.Context(), "dir", worktree.Filter{}); err == nil {
		t.Error("a directory that is gone has a snapshot")
	}
	if _, err := tree.Snapshot(t.Context(), "missing", worktree.Filter{}); err == nil || !os.IsNotExist(err) && !strings.Contains(err.Error(), fs.ErrNotExist.Error()) && !strings.Contains(err.Error(), "no such file") {
		t.Error(err)
	}
}
