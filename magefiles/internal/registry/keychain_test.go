package registry_test

import (
	"context"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/auth"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
	testkit "github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// dockerDir makes a docker configuration.
func dockerDir(t *testing.T, config string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// helper puts docker-credential-<name> into the PATH; the script gets the host on its standard input.
func helper(t *testing.T, name, script string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the helper of this test is a shell script")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "docker-credential-"+name), []byte("#!/bin/sh\nread host\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
}

func TestKeychain(t *testing.T) {
	encoded := base64.StdEncoding.EncodeToString([]byte("docker-user:docker-secret"))
	helper(t, "giver", `echo "{\"ServerURL\":\"$host\",\"Username\":\"helped\",\"Secret\":\"secret for $host\"}"`)
	config := `{"auths":{"ghcr.io":{"auth":"` + encoded + `"},"https://legacy.example/v1/":{"auth":"` + encoded + `"},
		"https://index.docker.io/v1/":{"auth":"` + encoded + `"},"identity.example":{"auth":"` + encoded + `","identitytoken":"long-lived"}},
		"credHelpers":{"helped.example":"giver"}}`
	token := auth.Token{Hosts: []string{"ghcr.io", "127.0.0.1:5000"}, User: "octocat", Secret: "ghp_1", Name: "GHCR_TOKEN"}
	nameless, absent := token, token
	nameless.User, absent.Secret = "", ""
	for name, test := range map[string]struct {
		token              auth.Token
		host               string
		user, pass, source string
	}{
		"token":         {token, "ghcr.io", "octocat", "ghp_1", "GHCR_TOKEN"},
		"second host":   {token, "127.0.0.1:5000", "octocat", "ghp_1", "GHCR_TOKEN"},
		"no user":       {nameless, "ghcr.io", "x-access-token", "ghp_1", "GHCR_TOKEN"},
		"docker login":  {absent, "ghcr.io", "docker-user", "docker-secret", "config.json"},
		"old key":       {token, "legacy.example", "docker-user", "docker-secret", "config.json"},
		"Docker Hub":    {token, "docker.io", "docker-user", "docker-secret", "config.json"},
		"identity":      {token, "identity.example", "", "long-lived", "config.json"},
		"helper":        {token, "helped.example", "helped", "secret for helped.example", "docker-credential-giver"},
		"nothing known": {token, "quay.io", "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			k := auth.NewKeychain(dockerDir(t, config), test.token)
			user, pass, err := k.Credentials(t.Context(), test.host)
			if err != nil || user != test.user || pass != test.pass {
				t.Errorf("got %q, %q, %v; want %q, %q", user, pass, err, test.user, test.pass)
			}
			if source := k.Source(t.Context(), test.host); !strings.Contains(source, test.source) || (source == "") != (test.source == "") {
				t.Errorf("source %q, want %q", source, test.source)
			}
		})
	}
}

func TestKeychainProblems(t *testing.T) {
	helper(t, "broken", "echo 'the keyring is locked'; exit 1")
	for name, test := range map[string]struct{ config, want string }{
		"not JSON":       {`{"auths":`, "reading docker's configuration"},
		"broken helper":  {`{"credHelpers":{"ghcr.io":"broken"}}`, "the keyring is locked"},
		"missing helper": {`{"credHelpers":{"ghcr.io":"absent"}}`, "docker-credential-absent"},
	} {
		t.Run(name, func(t *testing.T) {
			k := auth.NewKeychain(dockerDir(t, test.config), auth.Token{Hosts: []string{"ghcr.io"}, Name: "GHCR_TOKEN"})
			_, _, err := k.Credentials(t.Context(), "ghcr.io")
			if p := problem.As(err); p == nil || !strings.Contains(p.Error(), test.want) || p.Remedy == "" {
				t.Errorf("err = %v, want %q and a remedy", err, test.want)
			}
		})
	}
}

// A helper that asks a person something must not hold up a cancelled job.
func TestKeychainStopsWaitingForHelper(t *testing.T) {
	open := t.TempDir()
	helper(t, "asking", `while [ -d "`+open+`" ]; do sleep 0.1; done`)
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("stopped")
	k := auth.NewKeychain(dockerDir(t, `{"credHelpers":{"ghcr.io":"asking"}}`))
	cancel(stop)
	if _, _, err := k.Credentials(ctx, "ghcr.io"); !errors.Is(err, stop) {
		t.Errorf("err = %v", err)
	}
}

func TestPushWithDockerLogin(t *testing.T) {
	server, l := start(t, testkit.Options{}), newLibrary(t)
	login := func(secret string) string {
		return dockerDir(t, `{"auths":{"`+server.Addr()+`":{"auth":"`+base64.StdEncoding.EncodeToString([]byte(user+":"+secret))+`"}}}`)
	}
	images := []push.Image{{Ref: refs.Image(server.Addr() + "/acme/backend:1"), Descriptor: l.image("a1", l.layer("base", 10))}}
	client := registry.New(registry.Options{Keychain: auth.NewKeychain(login("wrong")), Sleep: noSleep})
	_, err := client.Push(t.Context(), l.store, images, nil)
	if !errors.Is(err, registry.ErrDenied) || !strings.Contains(err.Error(), "config.json") || !strings.Contains(err.Error(), "docker login "+server.Addr()) {
		t.Errorf("err = %v, want a denial that names the docker configuration", err)
	}
	client = registry.New(registry.Options{Keychain: auth.NewKeychain(login(password)), Sleep: noSleep})
	if _, err := client.Push(t.Context(), l.store, images, nil); err != nil {
		t.Fatal(err)
	}
	wantPulled(t, images)
}

func TestPushWithIdentityToken(t *testing.T) {
	server, l := start(t, testkit.Options{}), newLibrary(t)
	dir := dockerDir(t, `{"auths":{"`+server.Addr()+`":{"identitytoken":"`+password+`"}}}`)
	images := []push.Image{{Ref: refs.Image(server.Addr() + "/acme/backend:1"), Descriptor: l.image("a1", l.layer("base", 10))}}
	if _, err := registry.New(registry.Options{Keychain: auth.NewKeychain(dir), Sleep: noSleep}).Push(t.Context(), l.store, images, nil); err != nil {
		t.Fatal(err)
	}
	wantPulled(t, images)
}
