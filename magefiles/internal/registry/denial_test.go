package registry_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/auth"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
	testkit "github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// elsewhere takes every request to a registry of this machine, whatever its name: ghcr.io's own words are explained only
// when they come from ghcr.io.
type elsewhere struct{ addr string }

func (e elsewhere) RoundTrip(r *http.Request) (*http.Response, error) {
	routed := r.Clone(r.Context())
	routed.Host, routed.URL.Host, routed.URL.Scheme = r.URL.Host, e.addr, "http"
	routed.Header.Set("X-Forwarded-Proto", r.URL.Scheme)
	response, err := http.DefaultTransport.RoundTrip(routed)
	if err == nil {
		response.Request = r
	}
	return response, err
}

func TestDeniedByGitHub(t *testing.T) {
	for name, test := range map[string]struct {
		denial, secret string
		want           string // first
	}{
		"not linked":          {"permission_denied: write_package", password, "the package backend is there and not linked to the repository"},
		"may not create":      {"installation not allowed to Create organization package", password, "`permissions: { packages: write }`"},
		"may not write":       {"installation not allowed to Write organization package", password, "`permissions: { packages: write }`"},
		"no scope":            {"permission_denied: The token provided does not match expected scopes.", password, "lacks the scope write:packages"},
		"fine-grained":        {"permission_denied: write_package", "github_pat_11AAAAAAA_secret", "fine-grained"},
		"something different": {"go away", password, "in a workflow: `permissions: { packages: write }`"},
	} {
		t.Run(name, func(t *testing.T) {
			server := start(t, testkit.Options{WriteDenial: test.denial})
			server.AddUser(user, test.secret)
			client := registry.New(registry.Options{
				Keychain:  auth.NewKeychain(t.TempDir(), auth.Token{Hosts: []string{"ghcr.io"}, User: user, Secret: test.secret, Name: "GHCR_TOKEN"}),
				Transport: elsewhere{server.Addr()}, Sleep: noSleep,
			})
			err := client.CheckPush(t.Context(), refs.Repository("ghcr.io/acme/backend"))
			p := problem.As(err)
			if p == nil || !errors.Is(err, registry.ErrDenied) {
				t.Fatalf("err = %v, want a denial", err)
			}
			lines := strings.Split(p.Remedy, "\n")
			if len(lines) < 3 || !strings.Contains(lines[1], test.want) {
				t.Errorf("the remedy does not begin with %q:\n%s", test.want, p.Remedy)
			}
			if !strings.Contains(p.Error(), test.denial) || strings.Contains(p.Error(), test.secret) {
				t.Errorf("the denial lacks %q or holds the secret:\n%v", test.denial, p)
			}
		})
	}
}
