package auth

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	dockerconfig "github.com/docker/cli/cli/config"
	"github.com/docker/cli/cli/config/configfile"
	"github.com/docker/cli/cli/config/credentials"
	"github.com/docker/cli/cli/config/types"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/redact"
)

// Token is a registry password from the environment. One with an empty Secret is no credential, but is named where credentials are missing.
type Token struct {
	Hosts  []string // registries that it is for: ghcr.io, 127.0.0.1:5000
	User   string   // "x-access-token" where empty: ghcr.io takes any name with a token
	Secret string
	Name   string // the variable that it was read from

	HostName string // the variable that says which registry it is for
}

// Keychain knows the credentials of each registry: the tokens first, then Docker's own configuration with its credential
// store and helpers. The zero value knows none. It may be used by many goroutines.
type Keychain struct {
	tokens []Token
	docker func() (*configfile.ConfigFile, error) // nil where Docker's configuration is not asked

	hidden redact.Redactor // knows what was handed out
	shared *redact.Redactor
}

// NewKeychain makes a keychain. dockerDir holds Docker's config.json, empty means Docker's own default (~/.docker); it is
// read when a registry that no token is for asks for credentials, and need not exist.
func NewKeychain(dockerDir string, tokens ...Token) *Keychain {
	return &Keychain{tokens: tokens, docker: sync.OnceValues(func() (*configfile.ConfigFile, error) {
		file, err := dockerconfig.Load(dockerDir)
		if err != nil {
			return nil, problem.New(problem.Failed, "repair the file, or log in again: docker login",
				"reading docker's configuration: %w", err)
		}
		if !file.ContainsAuth() { // as the docker command does: a login may be in the system's own store
			file.CredentialsStore = credentials.DetectDefaultStore(file.CredentialsStore)
		}
		return file, nil
	})}
}

// Credentials returns what to log in to a registry with. An empty user with a secret is an identity token; an empty secret
// means that nothing is known and the registry is asked anonymously. Its signature is BuildKit's and containerd's.
func (k *Keychain) Credentials(ctx context.Context, host string) (user, secret string, err error) {
	if err := k.requireOneToken(host); err != nil {
		return "", "", err
	}
	if token, ok := k.Token(host); ok && token.Secret != "" {
		user, secret = cmp.Or(token.User, "x-access-token"), token.Secret
	} else if k.docker != nil {
		login, err := k.dockerLogin(ctx, host)
		if err != nil {
			return "", "", err
		}
		user, secret = login.Username, login.Password
		if login.IdentityToken != "" {
			user, secret = "", login.IdentityToken
		}
	}
	if secret == "" {
		if err := k.requireNoLookalike(host); err != nil {
			return "", "", err
		}
	}
	k.rememberSecret(user, secret)
	return user, secret, nil
}

// dockerLogin asks Docker's configuration. A credential helper is a program that may ask a person something and takes no
// context, so that it is waited for aside.
func (k *Keychain) dockerLogin(ctx context.Context, host string) (types.AuthConfig, error) {
	file, err := k.docker()
	if err != nil {
		return types.AuthConfig{}, err
	}
	type answer struct {
		login types.AuthConfig
		err   error
	}
	answers := make(chan answer, 1)
	go func() {
		login, err := file.GetAuthConfig(host)
		answers <- answer{login, err}
	}()
	select {
	case <-ctx.Done():
		return types.AuthConfig{}, context.Cause(ctx)
	case a := <-answers:
		if a.err != nil {
			return a.login, problem.New(problem.Failed, k.helperRemedy(host), "asking %s for the credentials of %q: %w",
				sourceName(file, host), host, a.err)
		}
		return a.login, nil
	}
}

func (k *Keychain) helperRemedy(host string) string {
	remedy := "repair the helper, or remove it from docker's config.json and run: docker login " + host
	if token, ok := k.Token(host); ok {
		remedy += "\nor set " + token.Name + ", which comes first"
	}
	return remedy
}

// Source says in words where a registry's credentials come from, empty where there are none: "GHCR_TOKEN", the docker
// config's path, the credential helper's name.
func (k *Keychain) Source(ctx context.Context, host string) string {
	if token, ok := k.Token(host); ok && token.Secret != "" {
		return token.Name
	}
	if k.docker == nil {
		return ""
	}
	file, err := k.docker()
	if err != nil {
		return ""
	}
	if _, secret, err := k.Credentials(ctx, host); err != nil || secret == "" {
		return ""
	}
	return sourceName(file, host)
}

// sourceName names the helper that docker's configuration sets for a registry, or the file itself.
func sourceName(file *configfile.ConfigFile, host string) string {
	if helper := cmp.Or(file.CredentialHelpers[host], file.CredentialsStore); helper != "" {
		return fmt.Sprintf("docker-credential-%s (set in %s)", helper, filepath.ToSlash(file.Filename))
	}
	return filepath.ToSlash(file.Filename)
}

// requireOneToken refuses two passwords for one registry: which of them is meant, none of them says.
func (k *Keychain) requireOneToken(host string) error {
	var first Token
	for _, token := range k.tokens {
		if token.Secret == "" || !slices.Contains(token.Hosts, host) {
			continue
		}
		if first.Secret != "" && first.Secret != token.Secret {
			return problem.New(problem.Usage, "unset one of them", "logging in to %q: %s and %s are both for it, and differ", host,
				first.Name, token.Name)
		}
		first = token
	}
	return nil
}

// requireNoLookalike finds a variable that was meant for a registry with a hyphen in its name, and is one of another registry.
func (k *Keychain) requireNoLookalike(host string) error {
	for _, token := range k.tokens {
		if token.Secret == "" || !strings.HasPrefix(token.Name, TokenVariable) {
			continue
		}
		name, _ := VariablesFor(host)
		if simple, _ := VariablesFor(strings.ReplaceAll(host, "-", ".")); token.Name == simple && name != simple {
			return problem.New(problem.Usage, "a hyphen is two underscores: set "+name, "logging in to %q: %s is for %s alone", host,
				token.Name, token.Hosts[0])
		}
	}
	return nil
}

// Token returns the token for a registry, which may be without a secret.
func (k *Keychain) Token(host string) (Token, bool) {
	isFor := func(t Token) bool { return slices.Contains(t.Hosts, host) }
	i := slices.IndexFunc(k.tokens, func(t Token) bool { return t.Secret != "" && isFor(t) })
	if i < 0 {
		i = slices.IndexFunc(k.tokens, isFor)
	}
	if i < 0 {
		return Token{}, false
	}
	return k.tokens[i], true
}

// TokenForAnother returns a token that is for another registry than the given one, and whose registry can be set.
func (k *Keychain) TokenForAnother(host string) (Token, bool) {
	i := slices.IndexFunc(k.tokens, func(t Token) bool { return t.Secret != "" && t.HostName != "" && !slices.Contains(t.Hosts, host) })
	if i < 0 {
		return Token{}, false
	}
	return k.tokens[i], true
}

// HideIn has a Redactor learn every secret that is handed out from now on.
func (k *Keychain) HideIn(r *redact.Redactor) { k.shared = r }

func (k *Keychain) rememberSecret(user, secret string) {
	if secret != "" {
		k.Hide(secret, base64.StdEncoding.EncodeToString([]byte(user+":"+secret)))
	}
}

// Hide has texts be hidden as the secrets are that were handed out.
func (k *Keychain) Hide(texts ...string) {
	k.hidden.Add(texts...)
	if k.shared != nil {
		k.shared.Add(texts...)
	}
}

// Redact hides every secret that was handed out, for text that comes from a registry: some echo the request's headers.
func (k *Keychain) Redact(text string) string { return k.hidden.String(text) }
