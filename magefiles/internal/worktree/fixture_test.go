package worktree_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/worktree"
)

// clone is a git repository of a test.
type clone struct {
	t    *testing.T
	root string
}

func newClone(t *testing.T) clone {
	t.Helper()
	c := clone{t: t, root: t.TempDir()}
	c.git("init", "-q", "-b", "main")
	return c
}

// git runs git with an identity of its own and no configuration of the machine's.
func (c clone) git(args ...string) string {
	c.t.Helper()
	cmd := exec.CommandContext(c.t.Context(), "git", append([]string{"-C", c.root, "-c", "user.name=dev", "-c", "user.email=dev@example.com", "-c", "protocol.file.allow=always"}, args...)...)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		c.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func (c clone) path(name string) string { return filepath.Join(c.root, filepath.FromSlash(name)) }

func (c clone) write(name, content string) {
	c.t.Helper()
	c.writeMode(name, content, 0o644)
}

func (c clone) writeMode(name, content string, mode fs.FileMode) {
	c.t.Helper()
	if err := os.MkdirAll(filepath.Dir(c.path(name)), 0o755); err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(c.path(name), []byte(content), mode); err != nil {
		c.t.Fatal(err)
	}
}

func (c clone) link(target, name string) {
	c.t.Helper()
	if err := os.MkdirAll(filepath.Dir(c.path(name)), 0o755); err != nil {
		c.t.Fatal(err)
	}
	if err := os.Symlink(target, c.path(name)); err != nil {
		c.t.Fatal(err)
	}
}

// commit records everything.
func (c clone) commit() {
	c.t.Helper()
	c.git("add", "-A")
	c.git("commit", "-q", "--allow-empty", "-m", "change")
}

func (c clone) open(hidden ...string) *worktree.Tree {
	c.t.Helper()
	for i, name := range hidden {
		hidden[i] = c.root + "/" + name // not cleaned
	}
	hidden = append(hidden, filepath.Join(c.root, ".git"))
	tree, err := worktree.Open(c.t.Context(), worktree.Options{Root: c.root, Hidden: hidden})
	if err != nil {
		c.t.Fatal(err)
	}
	return tree
}

func (c clone) snapshot(dir string, f worktree.Filter, hidden ...string) *worktree.Snapshot {
	c.t.Helper()
	s, err := c.open(hidden...).Snapshot(c.t.Context(), dir, f)
	if err != nil {
		c.t.Fatal(err)
	}
	return s
}

// paths are those of a snapshot, with what links lead to.
func paths(s *worktree.Snapshot) string {
	var all []string
	for _, e := range s.Entries() {
		text := e.Path
		if e.Link != "" {
			text += "->" + e.Link
		}
		all = append(all, text)
	}
	return strings.Join(all, " ")
}
