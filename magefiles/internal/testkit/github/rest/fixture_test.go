package rest_test

import (
	"testing"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubtest"
)

const (
	owner  = githubtest.Owner
	name   = githubtest.Name
	repo   = githubtest.Repository
	branch = githubtest.Branch
	head   = githubtest.HeadBranch
	file   = githubtest.File
	token  = githubtest.Token
)

// served is a fixture whose requests count for TestMain.
func served(t *testing.T) *githubtest.Fixture {
	t.Helper()
	f := githubtest.Start(t)
	t.Cleanup(func() { remember(f) })
	return f
}

func must[T any](t testing.TB) func(T, *gogithub.Response, error) T {
	t.Helper()
	return githubtest.Must[T](t)
}
