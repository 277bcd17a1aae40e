package doctor

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/doctor"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
)

// cloned is a clone of an application repository with the library as its submodule, and the submodule's commit.
func cloned(t *testing.T) (dir, commit string) {
	t.Helper()
	run := func(dir string, args ...string) {
		t.Helper()
		if err := example.Git(t.Context(), dir, append([]string{"-c", "protocol.file.allow=always"}, args...)...); err != nil {
			t.Fatal(err)
		}
	}
	library, origin := t.TempDir(), t.TempDir()
	write(t, library, "go.mod", "module github.com/xiilab/astrago-ci\n")
	run(library, "init", "-q", "-b", "main")
	if err := example.Commit(t.Context(), library, "a version"); err != nil {
		t.Fatal(err)
	}
	run(library, "tag", "v1.0.0")
	write(t, origin, "README.md", "")
	run(origin, "init", "-q", "-b", "main")
	run(origin, "submodule", "--quiet", "add", library, "tools/ci")
	if err := example.Commit(t.Context(), origin, "the submodule"); err != nil {
		t.Fatal(err)
	}
	dir = filepath.Join(t.TempDir(), "clone")
	run(origin, "clone", "-q", "--recurse-submodules", origin, dir)
	head, err := git.Head(t.Context(), filepath.Join(dir, "tools", "ci"), git.Hints{})
	if err != nil {
		t.Fatal(err)
	}
	return dir, string(head.SHA)
}

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestWorkflowIsLookedFor has no workflow, one of another version, one that only a branch has, and one that is right.
func TestWorkflowIsLookedFor(t *testing.T) {
	dir, commit := cloned(t)
	caller := "on: {workflow_dispatch: {}}\njobs:\n  r:\n    uses: xiilab/astrago-ci/.github/workflows/release.yml@%s # a comment\n"
	for _, test := range []struct {
		branch, file, content string
		status                doctor.Status
		words                 []string
	}{
		{"main", "", "", doctor.Warn, []string{"no workflow of .github/workflows releases", "mage init"}},
		{"main", "tests.yml", "on: push\njobs: {}\n", doctor.Warn, []string{"no workflow"}},
		{"main", "release.yml", fmt.Sprintf(caller, "v0.9.0"), doctor.Warn, []string{"release.yml calls v0.9.0, the submodule is at v1.0.0", "@" + commit + " # v1.0.0"}},
		{"feature", "release.yml", fmt.Sprintf(caller, commit), doctor.Warn, []string{"release.yml is not on main", "no button", "bring it to main"}},
		{"main", "release.yml", fmt.Sprintf(caller, "v1.0.0"), doctor.OK, []string{"release.yml"}},
		{"feature", "release.yml", fmt.Sprintf(strings.Replace(caller, "workflow_dispatch", "push", 1), commit), doctor.OK, []string{"release.yml"}},
	} {
		if test.file != "" {
			write(t, dir, ".github/workflows/"+test.file, test.content)
		}
		d := &doctorRun{env: &cli.Env{Project: &cli.Project{Root: dir, Commit: git.Commit{Branch: test.branch}}}}
		f := d.checkWorkflow(t.Context())
		for _, word := range test.words {
			if f.Status != test.status || !strings.Contains(f.Text+f.Remedy, word) {
				t.Errorf("%s on %s: %q is not in %+v", test.file, test.branch, word, f)
			}
		}
	}
}

func TestTokensAreRenewedInTime(t *testing.T) {
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	for at, want := range map[time.Time]string{
		now.Add(13*24*time.Hour + time.Hour): "warn DEPLOY_TOKEN expires on 2026-12-12, in 13 days",
		now.Add(time.Hour):                   "warn DEPLOY_TOKEN expires on 2026-11-29, in 0 days",
		now.Add(15 * 24 * time.Hour):         "ok DEPLOY_TOKEN expires on 2026-12-14",
		{}:                                   "ok GitHub tells no day on which DEPLOY_TOKEN expires",
	} {
		if f := tokenFinding("DEPLOY_TOKEN", at, now); string(f.Status)+" "+f.Text != want {
			t.Errorf("%s: %+v", at, f)
		}
	}
}
