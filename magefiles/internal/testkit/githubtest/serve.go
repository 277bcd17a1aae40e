// Package githubtest is package githubd in tests: what GitHub does not know fails them, and so does what its own descriptions
// do not have.
package githubtest

import (
	"net/http"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/contract"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubd"
)

// Serve starts a GitHub that ends with the test. Options that say nothing of unknown requests have them fail the test.
func Serve(t testing.TB, o github.Options) *github.Server {
	t.Helper()
	if o.OnUnknown == nil {
		o.OnUnknown = func(r *http.Request) { t.Errorf("GitHub was asked for %s %s, which it does not know", r.Method, r.URL) }
	}
	if _, measured := t.(*testing.B); !measured { // the checks cost more than what they check
		o.Check = contract.Check(t)
	}
	server, err := githubd.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server
}
