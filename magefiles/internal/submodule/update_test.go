package submodule_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/submodule"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
)

const caller = "jobs:\n  release:\n    uses: xiilab/astrago-ci/.github/workflows/release.yml@%s    # the version of ci/\n"

func runGit(t *testing.T, dir string, args ...string) {
	t.Helper()
	if err := example.Git(t.Context(), dir, append([]string{"-c", "protocol.file.allow=always"}, args...)...); err != nil {
		t.Fatal(err)
	}
}

func output(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "git", append([]string{"-C", dir}, args...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// release makes a version of the library with one commit.
func release(t *testing.T, library, version, subject string) {
	t.Helper()
	write(t, filepath.Join(library, "VERSION"), version)
	if err := example.Commit(t.Context(), library, subject); err != nil {
		t.Fatal(err)
	}
	runGit(t, library, "tag", "v"+version)
}

// consumer is an application that has version 0.1.0, where there are 0.2.0, 0.10.0 and a preliminary 0.11.0.
func consumer(t *testing.T) (app, library string) {
	t.Helper()
	library, app = filepath.Join(t.TempDir(), "astrago-ci"), filepath.Join(t.TempDir(), "my shop")
	write(t, filepath.Join(library, "go.mod"), "module github.com/xiilab/astrago-ci\n\ngo 1.26.0\n")
	runGit(t, library, "init", "-q", "-b", "main")
	release(t, library, "0.1.0", "Release: the first")
	runGit(t, filepath.Dir(app), "init", "-q", "-b", "main", app)
	runGit(t, app, "submodule", "--quiet", "add", library, "ci")
	write(t, filepath.Join(app, ".github", "workflows", "release.yml"), strings.ReplaceAll(caller, "%s", "v0.1.0"))
	if err := example.Commit(t.Context(), app, "use astrago-ci"); err != nil {
		t.Fatal(err)
	}
	release(t, library, "0.2.0", "Build: faster")
	release(t, library, "0.10.0", "Bump: safer")
	release(t, library, "0.11.0-rc.1", "Plan: unfinished")
	return app, library
}

func TestMoveToTheNewestVersion(t *testing.T) {
	app, library := consumer(t)
	u, err := submodule.Move(t.Context(), app, "")
	if err != nil {
		t.Fatal(err)
	}
	if u.Path != "ci" || u.From != "v0.1.0" || u.To != "v0.10.0" || u.Back || u.UpToDate || !slices.Equal(u.Changes, []string{"Bump: safer", "Build: faster"}) {
		t.Errorf("moved %+v", u)
	}
	if got := output(t, app, "rev-parse", ":ci"); got != output(t, library, "rev-parse", "v0.10.0") {
		t.Errorf("staged is %s", got)
	}
	if got := output(t, app, "diff", "--cached", "--name-only"); got != ".github/workflows/release.yml\nci" {
		t.Errorf("staged are %q", got)
	}
	if got := output(t, app, "show", ":.github/workflows/release.yml"); got != strings.TrimSpace(strings.ReplaceAll(caller, "%s    # ", output(t, app, "-C", "ci", "rev-parse", "HEAD")+" # v0.10.0, ")) {
		t.Errorf("the workflow is\n%s", got)
	}
	runGit(t, app, "commit", "-q", "-m", "ci: v0.10.0")
	again, err := submodule.Move(t.Context(), app, "")
	if err != nil || !again.UpToDate || output(t, app, "status", "--porcelain") != "" {
		t.Errorf("the repetition: %+v, %v", again, err)
	}
	back, err := submodule.Move(t.Context(), app, "0.2.0")
	if err != nil || !back.Back || back.To != "v0.2.0" || !slices.Equal(back.Changes, []string{"Bump: safer"}) {
		t.Errorf("back: %+v, %v", back, err)
	}
}

func TestMoveToABranch(t *testing.T) {
	app, library := consumer(t)
	u, err := submodule.Move(t.Context(), app, "main")
	if head := output(t, library, "rev-parse", "main"); err != nil || u.To != "v0.11.0-rc.1" || output(t, app, "rev-parse", ":ci") != head {
		t.Errorf("moved %+v, %v", u, err)
	}
}

func TestMoveIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		prepare func(t *testing.T, app string)
		to      string
		status  int
		says    string
	}{
		"a change in the submodule": {func(t *testing.T, app string) { t.Helper(); write(t, filepath.Join(app, "ci", "VERSION"), "mine") }, "", problem.Refused, "VERSION"},
		"a change in a workflow": {func(t *testing.T, app string) {
			t.Helper()
			write(t, filepath.Join(app, ".github", "workflows", "release.yml"), "mine")
		}, "", problem.Refused, "release.yml"},
		"a submodule that was moved": {func(t *testing.T, app string) {
			t.Helper()
			runGit(t, filepath.Join(app, "ci"), "fetch", "-q")
			runGit(t, filepath.Join(app, "ci"), "checkout", "-q", "origin/main")
		}, "", problem.Refused, "ci"},
		"no such version": {func(*testing.T, string) {}, "v9", problem.Usage, `no tag, branch or commit "v9"`},
		"an option":       {func(*testing.T, string) {}, "--all", problem.Usage, `"--all"`},
		"no submodule":    {func(t *testing.T, app string) { t.Helper(); runGit(t, app, "rm", "-q", "-f", "ci") }, "", problem.Usage, "no submodule"},
		"no remote": {func(t *testing.T, app string) {
			t.Helper()
			runGit(t, filepath.Join(app, "ci"), "remote", "set-url", "origin", filepath.Join(app, "nosuch"))
		}, "", problem.Failed, "fetching the versions"},
	} {
		t.Run(name, func(t *testing.T) {
			app, _ := consumer(t)
			test.prepare(t, app)
			_, err := submodule.Move(t.Context(), app, test.to)
			if p := problem.As(err); p == nil || p.Status != test.status || !strings.Contains(err.Error(), test.says) {
				t.Errorf("error %v, want status %d and %q", err, test.status, test.says)
			}
		})
	}
}

func TestRewrite(t *testing.T) {
	const sha = "0123456789abcdef0123456789abcdef01234567"
	const before = "89abcdef0123456789abcdef0123456789abcdef"
	const call = "uses: xiilab/astrago-ci/.github/workflows/release.yml@"
	for in, want := range map[string]string{
		call + "main":       call + "main",
		call + "v0.1.0":     call + sha + " # v2",
		call + "v0.1.0 # x": call + sha + " # v2, x",
		call + "v0.1.0    # the version of ci/\nwith":                   call + sha + " # v2, the version of ci/\nwith",
		call + before + " # v0.1.0":                                     call + sha + " # v2",
		call + before + " # v0.1.0, of ci/\r\n":                         call + sha + " # v2, of ci/\r\n",
		call + before:                                                   call + sha + " # v2",
		"uses: fork/astrago-ci/.github/workflows/release.yml@" + before: "uses: fork/astrago-ci/.github/workflows/release.yml@" + sha + " # v2",
		"uses: actions/checkout@v5":                                     "uses: actions/checkout@v5",
	} {
		got := string(submodule.Rewrite([]byte(in), submodule.Release{Commit: sha, Version: "v2"}))
		if got != want {
			t.Errorf("%q became %q", in, got)
		}
		if again := string(submodule.Rewrite([]byte(got), submodule.Release{Commit: sha, Version: "v2"})); again != got {
			t.Errorf("%q became %q the second time", got, again)
		}
	}
	if got := string(submodule.Rewrite([]byte(call+"v1 # of ci/"), submodule.Release{Commit: sha, Version: sha})); got != call+sha+" # of ci/" {
		t.Errorf("a commit without a tag: %q", got)
	}
}
