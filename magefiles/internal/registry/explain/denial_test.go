package explain

import (
	"cmp"
	"errors"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/auth"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/problemtest"
)

// TestDenialSaysWhoseCredentialsLackWhat, and what ghcr.io's words turned out to mean.
func TestDenialSaysWhoseCredentialsLackWhat(t *testing.T) {
	const other, github = "registry.example.com/acme/shop:v1", "ghcr.io/acme/shop:v1"
	for name, test := range map[string]struct {
		ref, secret, said string
		login             bool
		whose             string
		remedy            []string // its lines begin so
	}{
		"nobody logged in": {
			ref: other, whose: "without credentials",
			remedy: []string{"set REGISTRY_TOKEN_REGISTRY_EXAMPLE_COM and REGISTRY_USER_REGISTRY_EXAMPLE_COM, or run: docker login", "GHCR_TOKEN is for ghcr.io alone; if it is this registry's, set GHCR_HOST=registry.example.com"},
		},
		"refused credentials": {
			ref: github, secret: secret, login: true, whose: "with the credentials from GHCR_TOKEN",
			remedy: []string{"the credentials from GHCR_TOKEN are mistyped, expired or revoked", "in a workflow: `permissions", "a package that was first pushed by hand", "on a laptop"},
		},
		"a right is missing": {
			ref: github, secret: secret, whose: "with the credentials from GHCR_TOKEN",
			remedy: []string{"the credentials from GHCR_TOKEN are known to ghcr.io but lack the right on acme/shop", "in a workflow", "a package that was", "on a laptop"},
		},
		"a fine-grained token": {
			ref: github, secret: "github_pat_" + secret, said: "write_package", whose: "GHCR_TOKEN",
			remedy: []string{"the credentials", "the token is a fine-grained one", "on a laptop: a classic personal access token", "in a workflow"},
		},
		"a scope is missing": {
			ref: github, secret: secret, said: "token does not match expected scopes", whose: "GHCR_TOKEN",
			remedy: []string{"the credentials", "the token lacks the scope write:packages", "on a laptop", "in a workflow"},
		},
		"the workflow may not": {
			ref: github, secret: secret, said: "installation not allowed to Create organization package", whose: "GHCR_TOKEN",
			remedy: []string{"the credentials", "the workflow's token may not write packages", "if it is there: github.com/organizations/acme/settings/packages", "a package that was"},
		},
		"not linked": {
			ref: github, secret: secret, said: "permission_denied: write_package", whose: "GHCR_TOKEN",
			remedy: []string{"the credentials", "the package shop is there and not linked to the repository that pushes", "in a workflow", "on a laptop"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			token := auth.Token{Hosts: []string{"ghcr.io"}, Secret: cmp.Or(test.secret, secret), Name: "GHCR_TOKEN", HostName: "GHCR_HOST"}
			e := explainer(t, token)
			denied := &auth.Denied{Status: 403, Message: test.said, Login: test.login}
			err := e.Explain(t.Context(), "pushing", reference(t, test.ref), denied)
			problemtest.Want(t, err, problem.Failed, secret, "answered 403", test.whose, test.said)
			lines := strings.Split(problem.As(err).Remedy, "\n")
			if len(lines) != len(test.remedy) {
				t.Fatalf("remedy:\n%s", problem.As(err).Remedy)
			}
			for i, line := range lines {
				if !strings.HasPrefix(line, test.remedy[i]) {
					t.Errorf("line %d is %q, want %q", i+1, line, test.remedy[i])
				}
			}
			if !errors.Is(err, auth.ErrDenied) {
				t.Errorf("the cause is lost: %v", err)
			}
		})
	}
}

// TestHarborsRefusals: a project without space, whatever the status, and a robot's name that a shell has cut.
func TestHarborsRefusals(t *testing.T) {
	const host = "harbor.example.com"
	full := `{"errors":[{"code":"DENIED","message":"adding 29.0 MiB of storage resource, which when updated to current usage of 152.4 MiB will exceed the configured upper limit of 160.0 MiB."}]}`
	for name, test := range map[string]struct {
		user   string
		err    error
		remedy string
	}{
		"quota":          {"robot$shop+ci", status(403, full), "the quota of the project shop is used up"},
		"quota by 413":   {"robot$shop+ci", status(413, `{"errors":[{"code":"DENIED","message":"Quota exceeded"}]}`), "the quota of the project shop is used up"},
		"a large layer":  {"robot$shop+ci", status(413, "<html>nginx</html>"), "a proxy before harbor.example.com takes no content of this size"},
		"a lost dollar":  {"robot+ci", &auth.Denied{Status: 401, Login: true}, "a robot's without its $"},
		"another secret": {"robot$shop+ci", &auth.Denied{Status: 401, Login: true}, "are mistyped, expired or revoked"},
	} {
		token := auth.Token{Hosts: []string{host}, User: test.user, Secret: secret, Name: "REGISTRY_TOKEN_HARBOR_EXAMPLE_COM"}
		err := explainer(t, token).Explain(t.Context(), "pushing", reference(t, host+"/shop/core:1"), test.err)
		if p := problem.As(err); p == nil || !strings.Contains(p.Remedy, test.remedy) {
			t.Errorf("%s: %v, want %q", name, err, test.remedy)
		}
	}
}
