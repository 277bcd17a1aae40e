package git_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/git"
)

// TestCheckOut makes the tree of an earlier commit, with the submodule as it was, from below the root of the repository; no
// hook runs, and nothing is left of it.
func TestCheckOut(t *testing.T) {
	app, _ := nested(t)
	write(t, app, "shop/a.txt", "one")
	runGit(t, app, "add", ".")
	runGit(t, app, "commit", "-q", "-m", "one")
	then := strings.TrimSpace(runGit(t, filepath.Join(app, "ci"), "rev-parse", "HEAD"))
	write(t, filepath.Join(app, "ci"), "later.txt", "x")
	runGit(t, filepath.Join(app, "ci"), "add", ".")
	runGit(t, filepath.Join(app, "ci"), "commit", "-q", "-m", "later")
	write(t, app, "shop/a.txt", "two")
	runGit(t, app, "commit", "-q", "-a", "-m", "two")
	write(t, app, ".git/hooks/post-checkout", "#!/bin/sh\ntouch "+filepath.Join(app, "hooked")+"\n")
	if err := os.Chmod(filepath.Join(app, ".git", "hooks", "post-checkout"), 0o755); err != nil {
		t.Fatal(err)
	}
	before := runGit(t, app, "worktree", "list")

	c, err := git.CheckOut(t.Context(), filepath.Join(app, "shop"), "HEAD~1")
	if err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(filepath.Join(c.Root, "a.txt")); err != nil || string(data) != "one" {
		t.Errorf("a.txt is %q, %v", data, err)
	}
	submodule := filepath.Join(filepath.Dir(c.Root), "ci")
	if got := strings.TrimSpace(runGit(t, submodule, "rev-parse", "HEAD")); got != then {
		t.Errorf("the submodule is at %s, want %s", got, then)
	}
	if _, err := os.Stat(filepath.Join(app, "hooked")); err == nil {
		t.Error("a hook has run")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Remove(ended); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(c.Root); err == nil || runGit(t, app, "worktree", "list") != before {
		t.Errorf("something is left:\n%s", runGit(t, app, "worktree", "list"))
	}
	if _, err := git.CheckOut(t.Context(), app, "no-such-tag"); err == nil {
		t.Error("a revision that does not exist is checked out")
	}
	if _, err := git.CheckOut(ended, app, "HEAD"); err == nil || runGit(t, app, "worktree", "list") != before {
		t.Errorf("after the end of the context: %v\n%s", err, runGit(t, app, "worktree", "list"))
	}
}

func TestIgnoredDirs(t *testing.T) {
	app, _ := nested(t)
	write(t, app, ".gitignore", "build/\n.env\n*.class\n")
	write(t, app, "shop/build/libs/app.jar", "x")
	write(t, app, "shop/.env", "A=1")
	write(t, app, "shop/config/.env", "A=1") // the folder is not ignored
	write(t, app, "ci/.gitignore", "out\n")
	write(t, app, "ci/out/x.o", "x")
	for root, want := range map[string][]string{app: {"ci/out", "shop/build"}, filepath.Join(app, "shop"): {"build"}} {
		got, err := git.IgnoredDirs(t.Context(), root)
		slices.Sort(got)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("below %s: %q, %v, want %q", root, got, err, want)
		}
	}
}
