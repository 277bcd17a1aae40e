package git_test

import (
	"context"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

func TestIndexHasSubmodulesAndFlags(t *testing.T) {
	dir := withNested(t)
	for _, name := range []string{"run.sh", "skipped", "unchanged"} {
		write(t, dir, name, "")
	}
	runGit(t, dir, "add", ".")
	runGit(t, dir, "update-index", "--chmod=+x", "run.sh")
	runGit(t, dir, "update-index", "--skip-worktree", "skipped")
	runGit(t, dir, "update-index", "--assume-unchanged", "unchanged")
	runGit(t, dir+"/lib", "config", "core.fileMode", "false")
	runGit(t, dir+"/lib", "submodule", "-q", "deinit", "--force", "deep/er")
	for _, below := range []string{"", "/lib"} { // wherever it is asked from, the answer is that of the repository there
		index, err := git.ReadIndex(t.Context(), dir+below)
		if err != nil || index.Top != dir+below {
			t.Fatalf("index of %q (%v)", index.Top, err)
		}
	}
	index, err := git.ReadIndex(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]git.Indexed{}
	for _, file := range index.Files {
		of, name := dir, file.Path
		if below, inside := strings.CutPrefix(name, "lib/"); inside {
			of, name = dir+"/lib", below
		}
		if id := runGit(t, of, "rev-parse", ":"+name); hex.EncodeToString([]byte(file.Object)) != id {
			t.Errorf("the id of %s is %x, want %s", file.Path, file.Object, id)
		}
		file.Object = ""
		got[file.Path] = file
	}
	for _, want := range []git.Indexed{
		{Path: "astrago.yaml", Mode: "100644", FileMode: true},
		{Path: "run.sh", Mode: "100755", FileMode: true},
		{Path: "skipped", Mode: "100644", FileMode: true, Skipped: true},
		{Path: "unchanged", Mode: "100644", FileMode: true, Unchanged: true},
		{Path: "lib", Mode: "160000", FileMode: true, CheckedOut: true},
		{Path: "lib/astrago.yaml", Mode: "100644"},
		{Path: "lib/deep/er", Mode: "160000"},
	} {
		if got[want.Path] != want {
			t.Errorf("got %+v, want %+v", got[want.Path], want)
		}
	}
	if outside, err := git.ReadIndex(t.Context(), t.TempDir()); err != nil || outside.Top != "" {
		t.Errorf("outside of a repository: %+v, %v", outside, err)
	}
}

// TestIndexOfABrokenSubmodule has an empty directory in the place of a submodule's .git, in which git answers for the outer repository.
func TestIndexOfABrokenSubmodule(t *testing.T) {
	dir := withNested(t)
	runGit(t, dir, "submodule", "-q", "deinit", "--force", "lib")
	if err := os.MkdirAll(filepath.Join(dir, "lib", ".git"), 0o755); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := git.ReadIndex(ctx, dir); problem.As(err) == nil || !strings.Contains(err.Error(), "its .git is not a repository") {
		t.Errorf("reading the index: %v", err)
	}
}
