package github_test

import (
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/fakeclock"
	double "github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubtest"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/problemtest"
)

const (
	repository = "acme/deployment"
	branch     = "main"
	token      = "github_pat_11ABCDEFG0secret"
)

// world is a GitHub with one repository, and a clock that jumps.
type world struct {
	testing.TB
	*double.Server
	clock *fakeclock.Clock
}

func newWorld(t testing.TB) *world {
	t.Helper()
	server := githubtest.Serve(t, double.Options{})
	if _, err := server.CreateRepository(t.Context(), repository, branch, map[string][]byte{"README.md": []byte("values\n")}); err != nil {
		t.Fatal(err)
	}
	server.Grant(token, repository, double.Permissions{Contents: double.Write})
	return &world{TB: t, Server: server, clock: fakeclock.New(time.Now())}
}

// wantProblem checks an error's exit code and that it says all the texts; none may hold the token.
func wantProblem(t testing.TB, err error, status int, texts ...string) {
	t.Helper()
	problemtest.Want(t, err, status, token, texts...)
}
