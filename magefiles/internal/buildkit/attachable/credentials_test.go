package attachable

import (
	"context"
	"errors"
	"testing"

	"github.com/moby/buildkit/session/auth"
)

// TestKeyringAnswersForTheHostThatIsAsked, by the name that images have for it, and remembers the account.
func TestKeyringAnswersForTheHostThatIsAsked(t *testing.T) {
	broken := errors.New("the helper is broken")
	keyring := &Keyring{Lookup: func(_ context.Context, host string) (user, secret string, err error) {
		switch host {
		case "ghcr.io":
			return "robot", "passw0rd", nil
		case "docker.io":
			return "hub", "hub-passw0rd", nil
		case "identity.example":
			return tokenUser, "identity-t0ken", nil
		case "broken.example":
			return "half", "half", broken
		}
		return "", "", nil
	}}
	server, ok := keyring.Attachable().(auth.AuthServer)
	if !ok {
		t.Fatal("the daemon cannot ask it")
	}
	for host, want := range map[string]struct{ user, secret, account, name string }{
		"ghcr.io":              {"robot", "passw0rd", "robot", "ghcr.io"},
		"registry-1.docker.io": {"hub", "hub-passw0rd", "hub", "docker.io"},
		"identity.example":     {"", "identity-t0ken", tokenUser, "identity.example"},
		"stranger.example":     {"", "", "", "stranger.example"},
		"ghcr.io.example":      {"", "", "", "ghcr.io.example"},
	} {
		got, err := server.Credentials(t.Context(), &auth.CredentialsRequest{Host: host})
		if err != nil || got.Username != want.user || got.Secret != want.secret || keyring.User(want.name) != want.account {
			t.Errorf("%s: %v, %v, account %q", host, got, err, keyring.User(want.name))
		}
	}
	if _, err := server.Credentials(t.Context(), &auth.CredentialsRequest{Host: "broken.example"}); !errors.Is(err, broken) {
		t.Errorf("a failure is answered: %v", err)
	}
	if user := keyring.User("broken.example"); user != "" {
		t.Errorf("the account %q was not asked with", user)
	}
}
