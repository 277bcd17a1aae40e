package registry_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
	testkit "github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

func TestCheckPushWritesNothing(t *testing.T) {
	server := start(t, testkit.Options{})
	client := clientFor(t, server)
	var group errgroup.Group
	for range 8 {
		group.Go(func() error { return client.CheckPush(t.Context(), refs.Repository(server.Addr()+"/acme/backend")) })
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	if got := server.Uploads(); got != 0 {
		t.Errorf("%d upload sessions are left", got)
	}
	if got := server.Count("", testkit.Token); got != 1 {
		t.Errorf("%d tokens, want one for all", got)
	}
	if got := server.Count(http.MethodPut, ""); got != 0 {
		t.Errorf("%d PUT", got)
	}
}

// TestOneTokenForLookAndPush asks for the right to push with the first look, which ghcr.io needs to answer "not found".
func TestOneTokenForLookAndPush(t *testing.T) {
	server := start(t, testkit.Options{})
	client := registry.New(registry.Options{Keychain: keychain(t, server, password), Push: true})
	if _, err := client.Resolve(t.Context(), refs.Image(server.Addr()+"/acme/backend:v1")); !errors.Is(err, registry.ErrNotFound) {
		t.Errorf("looking up what is not there: %v", err)
	}
	if err := client.CheckPush(t.Context(), refs.Repository(server.Addr()+"/acme/backend")); err != nil {
		t.Error(err)
	}
	if got := server.Count("", testkit.Token); got != 1 {
		t.Errorf("%d tokens, want one for both", got)
	}
}

// ghcr.io cannot cancel a session.
func TestCheckPushWithoutCancellation(t *testing.T) {
	server := start(t, testkit.Options{})
	server.Inject(testkit.On(http.MethodDelete, testkit.Upload, testkit.Answer(http.StatusMethodNotAllowed, nil, "UNSUPPORTED", "unsupported")))
	if err := clientFor(t, server).CheckPush(t.Context(), refs.Repository(server.Addr()+"/acme/backend")); err != nil {
		t.Error(err)
	}
}

func TestCheckPushOutlasts502(t *testing.T) {
	server := start(t, testkit.Options{})
	server.Inject(testkit.On(http.MethodPost, testkit.Upload, testkit.Nth(1, testkit.Answer(http.StatusBadGateway, nil, "", ""))))
	if err := clientFor(t, server).CheckPush(t.Context(), refs.Repository(server.Addr()+"/acme/backend")); err != nil {
		t.Error(err)
	}
}

func TestDenied(t *testing.T) {
	for name, test := range map[string]struct {
		options    testkit.Options
		secret     string
		repository string
		want       []string
	}{
		"wrong token":   {testkit.Options{}, "ghp_wrong_and_secret", "acme/backend", []string{"403", "denied", "with the credentials from GHCR_TOKEN", "mistyped, expired or revoked"}},
		"no token":      {testkit.Options{}, "", "acme/backend", []string{"401", "authentication required", "without credentials", "set GHCR_TOKEN, or run: docker login"}},
		"public":        {testkit.Options{AnonymousPull: true}, "", "acme/backend", []string{"403", "write_package", "without credentials"}},
		"not its own":   {testkit.Options{}, password, "other/backend", []string{"403", "permission_denied: write_package", "lack the right on other/backend"}},
		"read only":     {testkit.Options{}, password, "public/backend", []string{"permission_denied: write_package", "lack the right"}},
		"not installed": {testkit.Options{WriteDenial: "installation not allowed to Write organization package"}, password, "other/backend", []string{"installation not allowed to Write organization package"}},
	} {
		t.Run(name, func(t *testing.T) {
			server, l := start(t, test.options), newLibrary(t)
			server.AddUser(user, password, testkit.Grant{Repository: "acme/*", Push: true}, testkit.Grant{Repository: "public/*"})
			client := registry.New(registry.Options{Keychain: keychain(t, server, test.secret), Sleep: noSleep})
			repository := server.Addr() + "/" + test.repository
			_, pushing := client.Push(t.Context(), l.store, []push.Image{{Ref: refs.Image(repository + ":1"), Descriptor: l.image("a1", l.layer("base", 10))}}, nil)
			if pushing == nil || server.Count(http.MethodPut, "") != 0 {
				t.Errorf("pushing: err = %v after %d PUT", pushing, server.Count(http.MethodPut, ""))
			}
			for _, err := range []error{client.CheckPush(t.Context(), refs.Repository(repository)), pushing} {
				p := problem.As(err)
				if p == nil || !errors.Is(err, registry.ErrDenied) {
					t.Fatalf("err = %v, want a denial", err)
				}
				if strings.Contains(p.Error(), "secret") || strings.Contains(p.Error(), password) {
					t.Errorf("the denial holds the secret: %v", p)
				}
			}
			for _, part := range append(test.want, repository) {
				if err := client.CheckPush(t.Context(), refs.Repository(repository)); !strings.Contains(err.Error(), part) {
					t.Errorf("the denial does not say %q:\n%v", part, err)
				}
			}
		})
	}
}

// What a registry or a proxy echoes must not reach the terminal.
func TestDeniedHidesEchoedSecrets(t *testing.T) {
	server := start(t, testkit.Options{})
	server.Inject(testkit.On("", testkit.Token, func(w http.ResponseWriter, r *http.Request, request testkit.Request) bool {
		_, secret, _ := r.BasicAuth()
		return testkit.Answer(403, nil, "DENIED", "bad "+r.Header.Get("Authorization")+" with "+secret)(w, r, request)
	}))
	err := clientFor(t, server).CheckPush(t.Context(), refs.Repository(server.Addr()+"/acme/backend"))
	if err == nil || strings.Contains(err.Error(), password) || !strings.Contains(err.Error(), "bad Basic *** with ***") {
		t.Errorf("err = %v", err)
	}
}
