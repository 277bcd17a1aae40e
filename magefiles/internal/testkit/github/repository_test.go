package github_test

import (
	"errors"
	"io/fs"
	"os"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubd"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubtest"
)

func TestRepositoryOutlivesItsServer(t *testing.T) {
	dir := t.TempDir()
	serve := func() *github.Server {
		t.Helper()
		s, err := githubd.Start(t.Context(), github.Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	first := serve()
	path, err := first.CreateRepository(t.Context(), githubtest.Repository, "main", map[string][]byte{githubtest.File: []byte("x")})
	if err != nil {
		t.Fatal(err)
	}
	head, err := first.Head(githubtest.Repository, "main")
	if err := errors.Join(err, first.Close()); err != nil {
		t.Fatal(err)
	}
	second := serve()
	t.Cleanup(func() {
		if err := second.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := second.OpenRepository("acme/other", "main"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("opening what is not there: %v", err)
	}
	again, err := second.OpenRepository(githubtest.Repository, "main")
	if err != nil || again != path {
		t.Fatalf("directory %q, want %q: %v", again, path, err)
	}
	if got, err := second.Head(githubtest.Repository, "main"); err != nil || got != head {
		t.Errorf("head = %s, want %s: %v", got, head, err)
	}
	if _, err := second.CreateRepository(t.Context(), githubtest.Repository, "main", nil); err == nil {
		t.Error("a repository is created twice")
	}
	if _, err := second.CreateRepository(t.Context(), "no-owner", "main", nil); err == nil {
		t.Error("a repository without an owner is created")
	}
}

func TestTemporaryDirectoryIsRemoved(t *testing.T) {
	s, err := githubd.Start(t.Context(), github.Options{})
	if err != nil {
		t.Fatal(err)
	}
	path, err := s.CreateRepository(t.Context(), githubtest.Repository, "main", nil)
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%q is still there: %v", path, err)
	}
}
