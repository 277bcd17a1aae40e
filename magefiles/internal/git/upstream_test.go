package git_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
)

// TestDefaultBranch asks a clone, and a repository that was never one.
func TestDefaultBranch(t *testing.T) {
	run := func(dir string, args ...string) {
		t.Helper()
		if err := example.Git(t.Context(), dir, args...); err != nil {
			t.Fatal(err)
		}
	}
	origin, clone := t.TempDir(), filepath.Join(t.TempDir(), "clone")
	run(origin, "init", "-q", "-b", "trunk")
	if err := os.WriteFile(filepath.Join(origin, "a"), []byte("a"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := example.Commit(t.Context(), origin, "a"); err != nil {
		t.Fatal(err)
	}
	run(origin, "clone", "-q", origin, clone)
	if got, err := git.DefaultBranch(t.Context(), clone); err != nil || got != "trunk" {
		t.Errorf("the clone's default branch is %q, %v", got, err)
	}
	if got, err := git.DefaultBranch(t.Context(), origin); err != nil || got != "" {
		t.Errorf("origin's default branch is %q, %v", got, err)
	}
	for file, want := range map[string]bool{"a": true, "b": false} {
		if got, err := git.OnBranch(t.Context(), clone, "trunk", file); err != nil || got != want {
			t.Errorf("%s on trunk: %v, %v", file, got, err)
		}
	}
	if _, err := git.OnBranch(t.Context(), clone, "gone", "a"); err == nil {
		t.Error("a branch that is not there has an answer")
	}
}
