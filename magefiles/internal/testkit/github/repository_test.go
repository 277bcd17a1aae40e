package github_test

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

func TestRepositoryOutlivesItsServer(t *testing.T) {
	dir := t.TempDir()
	serve := func() *github.Server {
		t.Helper()
		s, err := github.Start(t.Context(), github.Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	first := serve()
	path, err := first.CreateRepository(t.Context(), repo, "main", map[string][]byte{file: []byte("x")})
	if err != nil {
		t.Fatal(err)
	}
	head, err := first.Head(repo, "main")
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
	again, err := second.OpenRepository(repo, "main")
	if err != nil || again != path {
		t.Fatalf("directory %q, want %q: %v", again, path, err)
	}
	if got, err := second.Head(repo, "main"); err != nil || got != head {
		t.Errorf("head = %s, want %s: %v", got, head, err)
	}
	if _, err := second.CreateRepository(t.Context(), repo, "main", nil); err == nil {
		t.Error("a repository is created twice")
	}
	if _, err := second.CreateRepository(t.Context(), "no-owner", "main", nil); err == nil {
		t.Error("a repository without an owner is created")
	}
}

func TestTemporaryDirectoryIsRemoved(t *testing.T) {
	s, err := github.Start(t.Context(), github.Options{})
	if err != nil {
		t.Fatal(err)
	}
	path, err := s.CreateRepository(t.Context(), repo, "main", nil)
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%q is still there: %v", path, err)
	}
}

func TestRepositoryAndUser(t *testing.T) {
	f := start(t)
	c := f.client(token)
	r := must[*gogithub.Repository](t)(c.Repositories.Get(t.Context(), owner, name))
	if r.GetFullName() != repo || r.GetDefaultBranch() != branch || !r.GetPermissions()["push"] || r.GetPermissions()["admin"] {
		t.Errorf("repository = %v", r)
	}
	if u := must[*gogithub.User](t)(c.Users.Get(t.Context(), "")); u.GetLogin() != "octocat" {
		t.Errorf("user = %v", u)
	}
	limits := must[*gogithub.RateLimits](t)(c.RateLimit.Get(t.Context()))
	if limits.Core.Limit != 5000 || limits.Core.Remaining != 4997 {
		t.Errorf("limits = %v", limits)
	}
	b := must[*gogithub.Branch](t)(c.Repositories.GetBranch(t.Context(), owner, name, branch, 0))
	if b.GetCommit().GetSHA() != f.head() || b.GetProtected() {
		t.Errorf("branch = %v", b)
	}
	_, _, err := c.Repositories.GetBranch(t.Context(), owner, name, "nope", 0)
	if err == nil || !strings.Contains(err.Error(), "404") { // go-github words this one itself
		t.Errorf("error = %v", err)
	}
}
