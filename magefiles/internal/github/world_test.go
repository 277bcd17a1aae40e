package github_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/contract"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/fakeclock"
	double "github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
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
	server, err := double.Start(t.Context(), double.Options{
		OnUnknown: func(r *http.Request) { t.Errorf("GitHub was asked for %s %s, which it does not know", r.Method, r.URL) },
		Check:     contract.Check(t),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := server.CreateRepository(t.Context(), repository, branch, map[string][]byte{"README.md": []byte("values\n")}); err != nil {
		t.Fatal(err)
	}
	server.Grant(token, repository, double.Permissions{Contents: double.Write})
	return &world{TB: t, Server: server, clock: fakeclock.New(time.Now())}
}

// wantProblem checks an error's exit code and that it says all the texts; none may hold the token.
func wantProblem(t testing.TB, err error, status int, texts ...string) {
	t.Helper()
	p := problem.As(err)
	if p == nil {
		t.Fatalf("no problem: %v", err)
	}
	if p.ExitStatus() != status {
		t.Errorf("exit code %d, want %d: %v", p.ExitStatus(), status, err)
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("%q is not in:\n%v", text, err)
		}
	}
	if strings.Contains(err.Error(), token) {
		t.Errorf("the token is in:\n%v", err)
	}
}
