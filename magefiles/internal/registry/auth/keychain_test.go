package auth

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// TestWhichTokenIsForWhom gives each registry its own, and refuses to choose where a name or two passwords leave it open.
func TestWhichTokenIsForWhom(t *testing.T) {
	general := Token{Hosts: []string{"ghcr.io"}, Secret: "one", Name: "GHCR_TOKEN"}
	docker := t.TempDir()
	login := `{"auths":{"with-login.example.com":{"username":"u","password":"docker"}}}`
	if err := os.WriteFile(filepath.Join(docker, "config.json"), []byte(login), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		tokens, users map[string]string
		host          string
		secret, user  string
		refusal       string
	}{
		"its own":               {map[string]string{"A_EXAMPLE_COM": "a"}, map[string]string{"A_EXAMPLE_COM": "robot$shop+ci"}, "a.example.com", "a", "robot$shop+ci", ""},
		"another's":             {map[string]string{"A_EXAMPLE_COM": "a"}, nil, "b.example.com", "", "", ""},
		"another port":          {map[string]string{"A_EXAMPLE_COM": "a"}, nil, "a.example.com:5000", "", "", ""},
		"a name below":          {map[string]string{"A_EXAMPLE_COM": "a"}, nil, "a.example.com.evil.example", "", "", ""},
		"a hyphen":              {map[string]string{"A__B_EXAMPLE_COM": "a"}, nil, "a-b.example.com", "a", "x-access-token", ""},
		"a hyphen as a dot":     {map[string]string{"A_B_EXAMPLE_COM": "a"}, nil, "a-b.example.com", "", "", "set REGISTRY_TOKEN_A__B_EXAMPLE_COM"},
		"docker's login":        {map[string]string{"WITH_LOGIN_EXAMPLE_COM": "a"}, nil, "with-login.example.com", "docker", "u", ""},
		"two that differ":       {map[string]string{"GHCR_IO": "two"}, nil, "ghcr.io", "", "", "unset one of them"},
		"two that do not":       {map[string]string{"GHCR_IO": "one"}, map[string]string{"GHCR_IO": "me"}, "ghcr.io", "one", "me", ""},
		"the general one alone": {nil, nil, "ghcr.io", "one", "x-access-token", ""},
	} {
		k := NewKeychain(docker, append(HostTokens(test.tokens, test.users), general)...)
		user, secret, err := k.Credentials(t.Context(), test.host)
		if p := problem.As(err); test.refusal != "" && (p == nil || !strings.Contains(p.Remedy, test.refusal) || p.ExitStatus() != problem.Usage) {
			t.Errorf("%s: %v, want %q", name, err, test.refusal)
		}
		if secret != test.secret || user != test.user || (err == nil) != (test.refusal == "") {
			t.Errorf("%s: %q %q %v", name, user, secret, err)
		}
	}
}
