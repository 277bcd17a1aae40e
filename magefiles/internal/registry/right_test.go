package registry_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/auth"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/distribution"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
	testkit "github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// TestATokenThatSaysSoIsProof asks a registry whose tokens name what they are good for, for a repository that it lacks.
func TestATokenThatSaysSoIsProof(t *testing.T) {
	server, err := distribution.Start(distribution.Options{User: "dev", Password: password})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	for given, want := range map[string]struct {
		proof registry.Proof
		err   error
	}{password: {registry.ProofToken, nil}, "wrong": {"", registry.ErrDenied}} {
		client := registry.New(registry.Options{Keychain: auth.NewKeychain(t.TempDir(), auth.Token{
			Hosts: []string{server.Addr()}, User: "dev", Secret: given, Name: "GHCR_TOKEN",
		})})
		proof, err := client.ProvePush(t.Context(), refs.Repository(server.Addr()+"/acme/backend"))
		if proof != want.proof || !errors.Is(err, want.err) {
			t.Errorf("%q, %v; want %q", proof, err, want.proof)
		}
		if err != nil && (!strings.Contains(err.Error(), "GHCR_TOKEN") || strings.Contains(err.Error(), given+"\"")) {
			t.Errorf("error %v", err)
		}
	}
}

// TestATokenThatSaysNothingIsTried asks registries of ghcr.io's kind.
func TestATokenThatSaysNothingIsTried(t *testing.T) {
	server := start(t, testkit.Options{})
	server.AddUser("reader", "reads", testkit.Grant{Repository: "acme/*"})
	repository := server.Addr() + "/acme/backend"
	proof, err := clientFor(t, server).ProvePush(t.Context(), refs.Repository(repository))
	if proof != registry.ProofSession || err != nil || server.Uploads() != 0 {
		t.Errorf("%q, %v, %d uploads are left", proof, err, server.Uploads())
	}
	reader := registry.New(registry.Options{Keychain: auth.NewKeychain(t.TempDir(), auth.Token{
		Hosts: []string{server.Addr()}, User: "reader", Secret: "reads", Name: "GHCR_TOKEN",
	})})
	if _, err := reader.ProvePush(t.Context(), refs.Repository(repository)); !errors.Is(err, registry.ErrDenied) || !strings.Contains(err.Error(), "lack the right on acme/backend") {
		t.Errorf("who may only read: %v", err)
	}
	if address := reader.Address(refs.Repository(repository)); address != "http://"+server.Addr()+"/v2/" || reader.Address(refs.Repository("docker.io/acme/x")) != "https://registry-1.docker.io/v2/" {
		t.Errorf("address %q", address)
	}
	if source := reader.Source(t.Context(), refs.Repository(repository)); source != "GHCR_TOKEN" {
		t.Errorf("source %q", source)
	}
	for _, kind := range []testkit.Kind{testkit.Manifest, testkit.Blob} {
		if got := server.Count(http.MethodPut, kind) + server.Count(http.MethodPatch, kind); got != 0 {
			t.Errorf("%d writes", got)
		}
	}
}

func TestARegistryThatIsNotThere(t *testing.T) {
	client := registry.New(registry.Options{})
	if _, err := client.ProvePush(t.Context(), refs.Repository("127.0.0.1:1/acme/backend")); err == nil || !strings.Contains(err.Error(), "nothing listens at 127.0.0.1:1") {
		t.Errorf("error %v", err)
	}
}
