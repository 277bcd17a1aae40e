package gitops_test

import (
	"net/http"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/problemtest"
)

// What differs between the two interfaces in a token that lacks a permission.
func TestTokenLacksAPermission(t *testing.T) {
	for name, test := range map[string]struct {
		api        config.API
		arrange    func(*world)
		texts      []string
		operations []string
	}{
		"GraphQL, only reads": {
			config.APIGraphQL, readsOnly,
			[]string{"committing to", "lacks a permission", "Resource not accessible", needs + repository},
			[]string{readOperation, commitOperation},
		},
		"GraphQL, scope missing": {
			config.APIGraphQL, func(w *world) {
				w.Intercept(github.On(readOperation, 1, github.Action{Reply: new(graphFault("INSUFFICIENT_SCOPES",
					"Your token has not been granted the required scopes"))}))
			},
			[]string{"lacks a permission", "scope repo"},
			[]string{readOperation},
		},
		"REST, only reads": {
			config.APIREST, readsOnly,
			[]string{"committing to", "lacks a permission", "Resource not accessible", needs + repository, "GitHub accepts: contents=write"},
			[]string{newTreeOperation},
		},
		"REST, reads no contents": {
			config.APIREST, func(w *world) { w.Grant(token, repository, github.Permissions{Role: "WRITE"}) },
			[]string{"reading", "lacks a permission", needs + repository, "GitHub accepts: contents=read"},
			[]string{repositoryOperation, refOperation},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil, func(o *gitops.Options) { o.API = test.api })
			before := w.commits()
			test.arrange(w)
			_, err := w.client.Bump(t.Context(), release(newSHA, "core"))
			wantProblem(t, err, problem.Failed, test.texts...)
			asked := w.operations()
			for _, operation := range test.operations {
				if n := w.Count(operation); n != 1 {
					t.Errorf("%d requests %q among %q, want one", n, operation, asked)
				}
			}
			if w.commits() != before || len(w.clock.Waits()) > 0 {
				t.Errorf("%d commits, waits %v", w.commits()-before, w.clock.Waits())
			}
		})
	}
}

func readsOnly(w *world) {
	w.Grant(token, repository, github.Permissions{Contents: github.Read, Role: "WRITE"})
}

// wantProblem checks an error's exit code and that it says all the texts; none may hold the token.
func wantProblem(t testing.TB, err error, status int, texts ...string) {
	t.Helper()
	problemtest.Want(t, err, status, token, texts...)
}

func (w *world) protect(p github.Protection) {
	w.Helper()
	if err := w.Protect(repository, branch, p); err != nil {
		w.Fatal(err)
	}
}

func TestLargeFileWithoutAccess(t *testing.T) {
	w := newWorld(t, map[string][]byte{shopFile: []byte(large(1 << 20))})
	w.Intercept(github.On(rawOperation, 1, github.Action{Reply: &github.Reply{Status: http.StatusNotFound, Body: `{"message":"Not Found"}`}}))
	_, err := w.client.Repo.Read(t.Context(), release(newSHA).Deployment)
	wantProblem(t, err, problem.Failed, shopFile, "not found, or DEPLOY_TOKEN has no access")
}
