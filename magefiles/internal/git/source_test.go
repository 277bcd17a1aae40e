package git_test

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/output"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// revision returns the commit that git finds by a name.
func revision(t *testing.T, dir, name string) commitid.ID {
	t.Helper()
	return commitid.ID(runGit(t, dir, "rev-parse", name))
}

// runGit runs git in dir with an identity and a time of its own.
func runGit(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=김개발", "-c", "user.email=dev@example.com", "-c", "protocol.file.allow=always"}, args...)...)
	cmd.Env = append(os.Environ(), "GIT_COMMITTER_DATE=2026-03-04T05:06:07+09:00", "GIT_AUTHOR_DATE=2026-01-01T00:00:00Z", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func repository(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	runGit(t, dir, "init", "-q", "-b", "stabilize/1.0")
	write(t, dir, "astrago.yaml", "version: 1\n")
	runGit(t, dir, "add", ".")
	runGit(t, dir, "commit", "-q", "-m", "첫 커밋: first\n\nbody")
	return dir
}

func head(t *testing.T, dir string, hints git.Hints) git.Commit {
	t.Helper()
	commit, err := git.Head(t.Context(), dir, hints)
	if err != nil {
		t.Fatal(err)
	}
	return commit
}

func TestHeadReadsTheCommit(t *testing.T) {
	dir := repository(t)
	runGit(t, dir, "remote", "add", "origin", "git@github.com:acme/shop.git")
	commit := head(t, dir, git.Hints{Branch: "ignored", Repository: "ignored/too"})
	want := git.Commit{
		Root: dir, SHA: revision(t, dir, "HEAD"), Branch: "stabilize/1.0",
		Time:   time.Date(2026, 3, 3, 20, 6, 7, 0, time.UTC),
		Author: "김개발", Title: "첫 커밋: first", Repository: "acme/shop", URL: "https://github.com/acme/shop",
	}
	if commit.IsDirty() || commit.SHA != want.SHA || commit.Branch != want.Branch || !commit.Time.Equal(want.Time) ||
		commit.Author != want.Author || commit.Title != want.Title || commit.Repository != want.Repository || commit.URL != want.URL {
		t.Errorf("got  %+v\nwant %+v", commit, want)
	}
}

func TestDetachedHeadBelievesTheHintOnlyForItsCommit(t *testing.T) {
	dir := repository(t)
	sha := revision(t, dir, "HEAD")
	runGit(t, dir, "checkout", "-q", "--detach")
	for _, test := range []struct {
		hints git.Hints
		want  string
	}{
		{git.Hints{}, ""},
		{git.Hints{Branch: "main"}, "main"},
		{git.Hints{Branch: "main", SHA: sha}, "main"},
		{git.Hints{Branch: "main", SHA: commitid.ID(strings.Repeat("0", 40))}, ""},
	} {
		if got := head(t, dir, test.hints).Branch; got != test.want {
			t.Errorf("with %+v the branch is %q, want %q", test.hints, got, test.want)
		}
	}
}

func TestShallowCloneAndWorktree(t *testing.T) {
	dir := repository(t)
	write(t, dir, "more", "x")
	runGit(t, dir, "add", ".")
	runGit(t, dir, "commit", "-q", "-m", "second")
	shallow := filepath.Join(t.TempDir(), "shallow")
	runGit(t, dir, "clone", "-q", "--depth=1", "file://"+dir, shallow)
	worktree := filepath.Join(t.TempDir(), "worktree")
	runGit(t, dir, "worktree", "add", "-q", "-b", "other", worktree)
	for _, at := range []string{shallow, worktree} {
		commit := head(t, at, git.Hints{Repository: "acme/shop"})
		if commit.Title != "second" || commit.IsDirty() {
			t.Errorf("in %s: %+v", at, commit)
		}
		if at == shallow && (commit.Repository != "acme/shop" || commit.URL != "") {
			t.Errorf("a local remote gave %q, %q", commit.Repository, commit.URL)
		}
	}
}

func TestDirtyListsChangedAndUntrackedButNotOurOutput(t *testing.T) {
	dir := repository(t)
	out, err := output.In(dir)
	if err == nil {
		err = out.Replace("release.json", func(w io.Writer) error { _, err := io.WriteString(w, "{}"); return err })
	}
	if err != nil {
		t.Fatal(err)
	}
	if commit := head(t, dir, git.Hints{}); commit.IsDirty() {
		t.Fatalf("our output makes the tree dirty: %v", commit.Dirty)
	}
	write(t, dir, "dist/app.js", "built before mage runs")
	if commit := head(t, dir, git.Hints{}); !slices.Equal(commit.Dirty, []string{"?? dist/app.js"}) {
		t.Fatalf("changed are %q", commit.Dirty)
	}
	if err := os.RemoveAll(filepath.Join(dir, "dist")); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "astrago.yaml", "version: 2\n")
	write(t, dir, "새 파일.txt", "x")
	err = head(t, dir, git.Hints{}).RequireClean("push")
	p := problem.As(err)
	if p == nil || p.ExitStatus() != problem.Refused {
		t.Fatalf("error %v, want a refusal", err)
	}
	for _, want := range []string{"refusing to push", " M astrago.yaml", "새 파일.txt", ".gitignore"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in\n%s", want, err)
		}
	}
}

func TestVersion(t *testing.T) {
	dir := repository(t)
	runGit(t, dir, "tag", "v1.2.0")
	runGit(t, dir, "tag", "v1.10.0")
	runGit(t, dir, "config", "column.ui", "always") // for people's eyes
	if got := head(t, dir, git.Hints{}).Version; got != "1.10.0" {
		t.Errorf("version from tags is %q", got)
	}
	write(t, dir, "VERSION", "2.0.0-rc1\n")
	if got := head(t, dir, git.Hints{}).Version; got != "2.0.0-rc1" {
		t.Errorf("version from the file is %q", got)
	}
}

func TestRootFromASubmodule(t *testing.T) {
	app := repository(t)
	library := t.TempDir()
	runGit(t, library, "init", "-q")
	write(t, library, "go.mod", "module x\n")
	runGit(t, library, "add", ".")
	runGit(t, library, "commit", "-q", "-m", "library")
	runGit(t, app, "submodule", "add", "-q", library, "ci")
	runGit(t, app, "commit", "-q", "-m", "add ci")
	for _, dir := range []string{app, filepath.Join(app, "ci")} {
		root, err := git.Root(dir, "astrago.yaml")
		if err != nil || root != app {
			t.Fatalf("root from %s is %q, %v", dir, root, err)
		}
		if got := head(t, root, git.Hints{}).Title; got != "add ci" {
			t.Errorf("from %s the commit is %q: the submodule's", dir, got)
		}
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	empty := t.TempDir()
	unborn := t.TempDir()
	runGit(t, unborn, "init", "-q")
	for dir, want := range map[string]string{empty: "is in no git repository", unborn: "has no commit yet"} {
		_, err := git.Head(t.Context(), dir, git.Hints{})
		if problem.As(err) == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not say %q", err, want)
		}
	}
	if _, err := git.Root(empty, "astrago.yaml"); problem.As(err) == nil || !strings.Contains(err.Error(), "there is none in") {
		t.Errorf("error %v", err)
	}
}

func TestRemote(t *testing.T) {
	for address, want := range map[string][2]string{
		"https://github.com/acme/shop.git":                  {"acme/shop", "https://github.com/acme/shop"},
		"https://github.com/acme/shop":                      {"acme/shop", "https://github.com/acme/shop"},
		"https://user:ghp_secret@github.com/acme/shop.git/": {"acme/shop", "https://github.com/acme/shop"},
		"git@github.com:acme/shop.git":                      {"acme/shop", "https://github.com/acme/shop"},
		"github.com:acme/shop":                              {"acme/shop", "https://github.com/acme/shop"},
		"ssh://git@github.com:22/acme/shop.git":             {"acme/shop", "https://github.com/acme/shop"},
		"git://example.com/acme/shop.git":                   {"acme/shop", "https://example.com/acme/shop"},
		"https://git.example.com:8443/group/sub/shop.git":   {"sub/shop", "https://git.example.com:8443/group/sub/shop"},
		"file:///srv/git/acme/shop.git":                     {"", ""},
		"/srv/git/acme/shop.git":                            {"", ""},
		"../shop":                                           {"", ""},
		"https://github.com/only":                           {"", ""},
		"":                                                  {"", ""},
		"https://github.com/acme/sh op":                     {"", ""},
	} {
		repository, web := git.Remote(address)
		if got := [2]string{repository, web}; got != want {
			t.Errorf("%q gives %q, want %q", address, got, want)
		}
	}
}
