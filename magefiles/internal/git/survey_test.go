package git_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

func TestLookSeesARepositoryWithoutACommit(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "새 저장소")
	write(t, dir, "docker/core/Dockerfile", "FROM scratch\n")
	write(t, dir, "node_modules/x/Dockerfile", "FROM scratch\n")
	write(t, dir, ".gitignore", "node_modules\n")
	runGit(t, dir, "init", "-q", "-b", "main")
	got, err := git.Look(t.Context(), filepath.Join(dir, "docker"))
	if err != nil {
		t.Fatal(err)
	}
	if got.Root != dir || got.Branch != "main" || got.Repository != "" || !slices.Equal(got.Files, []string{".gitignore", "docker/core/Dockerfile"}) {
		t.Errorf("got %+v", got)
	}
}

func TestLookSeesBranchesOfOriginToo(t *testing.T) {
	upstream := repository(t)
	runGit(t, upstream, "branch", "develop")
	dir := filepath.Join(t.TempDir(), "clone")
	runGit(t, t.TempDir(), "clone", "-q", upstream, dir)
	runGit(t, dir, "checkout", "-q", "-b", "feature/x")
	runGit(t, dir, "remote", "set-url", "origin", "git@github.com:Acme/Shop.git")
	got, err := git.Look(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"develop", "feature/x", "stabilize/1.0"}; !slices.Equal(got.Branches, want) || got.Branch != "feature/x" {
		t.Errorf("branches %q, on %q", got.Branches, got.Branch)
	}
	if got.Repository != "Acme/Shop" || got.URL != "https://github.com/Acme/Shop" {
		t.Errorf("remote %q at %q", got.Repository, got.URL)
	}
}

func TestLookOutsideOfARepositoryIsWrongUsage(t *testing.T) {
	_, err := git.Look(t.Context(), t.TempDir())
	if p := problem.As(err); p == nil || p.ExitStatus() != problem.Usage {
		t.Errorf("got %v", err)
	}
}
