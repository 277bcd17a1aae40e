package source_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/source"
)

func TestLookSeesARepositoryWithoutACommit(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "새 저장소")
	write(t, dir, "docker/core/Dockerfile", "FROM scratch\n")
	write(t, dir, "node_modules/x/Dockerfile", "FROM scratch\n")
	write(t, dir, ".gitignore", "node_modules\n")
	git(t, dir, "init", "-q", "-b", "main")
	got, err := source.Look(t.Context(), filepath.Join(dir, "docker"))
	if err != nil {
		t.Fatal(err)
	}
	if got.Root != dir || got.Branch != "main" || got.Repository != "" || !slices.Equal(got.Files, []string{".gitignore", "docker/core/Dockerfile"}) {
		t.Errorf("got %+v", got)
	}
}

func TestLookSeesBranchesOfOriginToo(t *testing.T) {
	upstream := repository(t)
	git(t, upstream, "branch", "develop")
	dir := filepath.Join(t.TempDir(), "clone")
	git(t, t.TempDir(), "clone", "-q", upstream, dir)
	git(t, dir, "checkout", "-q", "-b", "feature/x")
	git(t, dir, "remote", "set-url", "origin", "git@github.com:Acme/Shop.git")
	got, err := source.Look(t.Context(), dir)
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
	_, err := source.Look(t.Context(), t.TempDir())
	if p := problem.As(err); p == nil || p.ExitStatus() != problem.Usage {
		t.Errorf("got %v", err)
	}
}
