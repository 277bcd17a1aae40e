package git_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/git"
)

// The application's own dist/ is as any other folder.
func TestDistCounts(t *testing.T) {
	dir := repository(t)
	write(t, dir, "dist/app.js", "committed")
	runGit(t, dir, "add", ".")
	runGit(t, dir, "commit", "-q", "-m", "dist")
	write(t, dir, "dist/app.js", "hacked")
	write(t, dir, "dist/assets/new.js", "")
	if got, want := head(t, dir, git.Hints{}).Dirty, []string{" M dist/app.js", "?? dist/assets/new.js"}; !slices.Equal(got, want) {
		t.Errorf("the tree differs by %q, want %q", got, want)
	}
}

// withNested returns an application with a submodule lib, which has a submodule deep/er.
func withNested(t *testing.T) string {
	t.Helper()
	deep, lib, dir := repository(t), repository(t), repository(t)
	runGit(t, lib, "submodule", "-q", "add", deep, "deep/er")
	runGit(t, lib, "commit", "-q", "-m", "deep")
	runGit(t, dir, "submodule", "-q", "add", lib, "lib")
	runGit(t, dir, "commit", "-q", "-m", "lib")
	runGit(t, dir, "submodule", "-q", "update", "--init", "--recursive")
	if commit := head(t, dir, git.Hints{}); commit.IsDirty() {
		t.Fatalf("the tree differs by %q", commit.Dirty)
	}
	return dir
}

func TestSubmodulesHideNoChange(t *testing.T) {
	for name, test := range map[string]struct {
		change func(dir string)
		want   string
	}{
		"changed":           {func(dir string) { write(t, dir, "lib/astrago.yaml", "changed") }, " M lib/astrago.yaml"},
		"untracked":         {func(dir string) { write(t, dir, "lib/ü", "") }, "?? lib/ü"},
		"another commit":    {func(dir string) { runGit(t, dir+"/lib", "commit", "-q", "--allow-empty", "-m", "more") }, " M lib"},
		"nested, changed":   {func(dir string) { write(t, dir, "lib/deep/er/astrago.yaml", "changed") }, " M lib/deep/er/astrago.yaml"},
		"nested, untracked": {func(dir string) { write(t, dir, "lib/deep/er/a\nb", "") }, `?? "lib/deep/er/a\nb"`},
		"nested, another":   {func(dir string) { runGit(t, dir+"/lib/deep/er", "commit", "-q", "--allow-empty", "-m", "more") }, " M lib/deep/er"},
	} {
		for _, ignore := range []string{"none", "untracked", "dirty", "all"} {
			t.Run(name+" with ignore="+ignore, func(t *testing.T) {
				dir := withNested(t)
				runGit(t, dir, "config", "submodule.lib.ignore", ignore)
				runGit(t, dir, "config", "diff.ignoreSubmodules", ignore)
				runGit(t, dir+"/lib", "config", "submodule.deep/er.ignore", ignore)
				runGit(t, dir+"/lib", "config", "status.showUntrackedFiles", "no")
				test.change(dir)
				if got := head(t, dir, git.Hints{}).Dirty; !slices.Contains(got, test.want) {
					t.Errorf("the tree differs by %q, want %q", got, test.want)
				}
			})
		}
	}
}

// Settings that let git compare less of a file's state do not hide a change of equal size and time.
func TestStatusLooksClosely(t *testing.T) {
	dir := repository(t)
	at := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	name := filepath.Join(dir, "astrago.yaml")
	touch := func() {
		if err := os.Chtimes(name, at, at); err != nil {
			t.Fatal(err)
		}
	}
	touch()
	runGit(t, dir, "config", "core.trustctime", "false")
	runGit(t, dir, "config", "core.checkStat", "minimal")
	runGit(t, dir, "status")
	write(t, dir, ".git/new", "version: 7\n")
	if err := os.Rename(filepath.Join(dir, ".git", "new"), name); err != nil {
		t.Fatal(err)
	}
	touch()
	if got := runGit(t, dir, "status", "--porcelain"); got != "" {
		t.Fatalf("git by itself sees %q, so that this test shows nothing", got)
	}
	if commit := head(t, dir, git.Hints{}); !commit.IsDirty() {
		t.Error("a change of equal size and time is not seen")
	}
}
