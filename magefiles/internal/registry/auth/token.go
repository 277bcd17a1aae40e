package auth

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/containerd/containerd/v2/core/remotes/docker"
	dockerauth "github.com/containerd/containerd/v2/core/remotes/docker/auth"

	"github.com/xiilab/astrago-ci/magefiles/internal/transport"
)

// bearer is a token that the token endpoint issued for some scopes.
type bearer struct {
	value   string
	granted scopes
	expires time.Time
}

func (t bearer) allows(need scopes) bool {
	return t.value != "" && t.granted.covers(need) && time.Now().Before(t.expires)
}

// bearerToken returns a token for the scopes of the context: one from before if it allows as much and is still good, else a new
// one, which goroutines that want the same wait for. A failure is the caller's alone.
func (a *Authorizer) bearerToken(ctx context.Context, challenge dockerauth.Challenge) (string, error) {
	need := parseScopes(docker.GetTokenScopes(ctx, nil))
	resources := need.resourceKey()
	if t := a.knownToken(resources); t.allows(need) {
		return t.value, nil
	}
	place := a.fetchSlot(resources)
	select {
	case place <- struct{}{}:
		defer func() { <-place }()
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	known := a.knownToken(resources)
	if known.allows(need) {
		return known.value, nil
	}
	want := known.granted.union(need)
	value, lifetime, err := a.fetchToken(ctx, challenge, want)
	if err != nil {
		return "", err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	// Renewed after four fifths, so that a request that starts in time also arrives in time.
	a.tokens[resources] = bearer{value: value, granted: want, expires: time.Now().Add(lifetime * 4 / 5)}
	return value, nil
}

func (a *Authorizer) knownToken(resources string) bearer {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.tokens[resources]
}

// forgetToken drops a token that the registry refused, and keeps what it was for: the next one must allow as much, or ghcr.io
// denies reading a package that does not exist yet instead of saying so. The caller holds a.mu.
func (a *Authorizer) forgetToken(header string) {
	for resources, t := range a.tokens {
		if header == "Bearer "+t.value {
			a.tokens[resources] = bearer{granted: t.granted}
		}
	}
}

func (a *Authorizer) fetchSlot(resources string) chan struct{} {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.fetching[resources] == nil {
		a.fetching[resources] = make(chan struct{}, 1)
	}
	return a.fetching[resources]
}

// fetchToken asks the token endpoint: with Basic authentication for a user, as Docker does and every registry knows, and by
// OAuth2 for an identity token. A lifetime that is not named is 60 seconds (distribution's "Token Authentication
// Specification").
func (a *Authorizer) fetchToken(ctx context.Context, challenge dockerauth.Challenge, want scopes) (string, time.Duration, error) {
	user, secret, err := a.keychain.Credentials(ctx, a.registry)
	if err != nil {
		return "", 0, err
	}
	options, err := dockerauth.GenerateTokenOptions(ctx, a.registry, user, secret, challenge)
	if err != nil {
		return "", 0, fmt.Errorf("reading the challenge of %q: %w", a.registry, err)
	}
	if realm, err := url.Parse(options.Realm); err != nil || !transport.IsPrivate(realm) && !a.plainHTTP(realm.Host) {
		return "", 0, fmt.Errorf("reading the challenge of %q: its token service %q is not served over https, "+
			"and no credential travels in the clear", a.registry, options.Realm)
	}
	options.Scopes = want.list() // and not the challenge's, which is for the request that happened to come first
	value, seconds, err := requestToken(ctx, a.client, options)
	if err != nil {
		return "", 0, AsDenied(err, true)
	}
	if seconds <= 0 {
		seconds = 60
	}
	return value, time.Duration(seconds) * time.Second, nil
}

func requestToken(ctx context.Context, client *http.Client, options dockerauth.TokenOptions) (value string, seconds int, err error) {
	if options.Secret != "" && options.Username == "" {
		response, err := dockerauth.FetchTokenWithOAuth(ctx, client, Identification(), "astrago-ci", options)
		if err != nil {
			return "", 0, err
		}
		return response.AccessToken, response.ExpiresInSeconds, nil
	}
	response, err := dockerauth.FetchToken(ctx, client, Identification(), options)
	if err != nil {
		return "", 0, err
	}
	return response.Token, response.ExpiresInSeconds, nil
}
