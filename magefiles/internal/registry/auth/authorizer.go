// Package auth answers the challenges of registries: it knows credentials, and gets tokens for what a request needs.
package auth

import (
	"context"
	"fmt"
	"net/http"
	"sync"

	"github.com/containerd/containerd/v2/core/remotes/docker"
	dockerauth "github.com/containerd/containerd/v2/core/remotes/docker/auth"
	remoteserrors "github.com/containerd/containerd/v2/core/remotes/errors"
	"github.com/containerd/errdefs"
)

// Authorizer answers one registry's challenges. It stands in for containerd's docker.NewDockerAuthorizer, which keeps the
// error of a token fetch for ever (one 502, or one cancelled goroutine, and the push is lost), asks for the first
// repository's scope with every other one's, and takes a token without a lifetime for one that never ends.
type Authorizer struct {
	registry string // name in references, under which credentials are kept
	scheme   string
	host     string // where requests go; nothing is ever sent to another, such as a blob store behind a redirect
	keychain *Keychain
	client   *http.Client

	plainHTTP func(host string) bool // hosts that may be spoken to without TLS

	mu        sync.Mutex
	challenge *dockerauth.Challenge    // the last one; nil until the registry asked
	tokens    map[string]bearer        // by the resources that they are for
	fetching  map[string]chan struct{} // one slot each: its holder fetches the token for these resources
}

var _ docker.Authorizer = (*Authorizer)(nil)

// NewAuthorizer makes the authorizer of a registry, which answers at scheme and host. No credential travels without TLS but to hosts
// for which plainHTTP is true.
func NewAuthorizer(registry, scheme, host string, keychain *Keychain, client *http.Client, plainHTTP func(string) bool) *Authorizer {
	return &Authorizer{
		registry: registry, scheme: scheme, host: host, keychain: keychain, client: client, plainHTTP: plainHTTP,
		tokens: map[string]bearer{}, fetching: map[string]chan struct{}{},
	}
}

// Authorize sets the header that the registry asked for. Where it fails it closes the request's body: containerd leaves
// it open, and the upload that writes to its other end would wait for ever.
func (a *Authorizer) Authorize(ctx context.Context, r *http.Request) (err error) {
	defer func() {
		if err != nil && r.Body != nil {
			_ = r.Body.Close()
		}
	}()
	if r.URL.Host != a.host || r.URL.Scheme != a.scheme {
		return nil
	}
	a.mu.Lock()
	challenge := a.challenge
	a.mu.Unlock()
	switch {
	case challenge == nil:
		return nil
	case challenge.Scheme == dockerauth.BasicAuth:
		return a.setBasicAuth(ctx, r)
	}
	bearer, err := a.bearerToken(ctx, *challenge)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+bearer)
	return nil
}

func (a *Authorizer) setBasicAuth(ctx context.Context, r *http.Request) error {
	user, secret, err := a.keychain.Credentials(ctx, a.registry)
	if err != nil {
		return err
	}
	if secret == "" {
		return &Denied{Status: http.StatusUnauthorized, Login: true}
	}
	r.SetBasicAuth(user, secret)
	return nil
}

// AddResponses takes a 401 and learns from it. A token that was refused is forgotten, since it may just have run out; the
// second refusal of one request is the registry's last word.
func (a *Authorizer) AddResponses(_ context.Context, responses []*http.Response) error {
	last := responses[len(responses)-1]
	if last.Request.URL.Host != a.host {
		return fmt.Errorf("authorizing a request to another host: %w", errdefs.ErrNotImplemented)
	}
	challenge := preferredChallenge(parseHeader(last.Header))
	if challenge == nil {
		return fmt.Errorf("reading the registry's challenge: %w", errdefs.ErrNotImplemented)
	}
	refused := 0
	for _, response := range responses {
		if response.StatusCode == http.StatusUnauthorized && response.Request.Header.Get("Authorization") != "" {
			refused++
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.challenge = challenge
	a.forgetToken(last.Request.Header.Get("Authorization"))
	if refused > 1 || refused == 1 && challenge.Scheme == dockerauth.BasicAuth {
		return AsDenied(remoteserrors.NewUnexpectedStatusErr(last), challenge.Scheme == dockerauth.BasicAuth)
	}
	return nil
}

// preferredChallenge takes Bearer before Basic, as challenges has them.
func preferredChallenge(challenges []dockerauth.Challenge) *dockerauth.Challenge {
	for _, challenge := range challenges {
		if challenge.Scheme == dockerauth.BearerAuth || challenge.Scheme == dockerauth.BasicAuth {
			return &challenge
		}
	}
	return nil
}

// Identification returns what a registry's operators see of every request in their logs.
func Identification() http.Header { return http.Header{"User-Agent": {"astrago-ci"}} }
