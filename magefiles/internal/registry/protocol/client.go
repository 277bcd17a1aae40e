// Package protocol speaks the OCI distribution protocol through containerd's client: one operation on one reference at a time,
// repeated where that may help.
//
// containerd v2.4 has traps that this package works around, each named where it is avoided: a resolver used twice drops
// the second push without an error, a failed token fetch is kept for ever, a full upload hangs on a refused token, and 429
// is repeated at once.
package protocol

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/containerd/containerd/v2/core/remotes"
	"github.com/containerd/containerd/v2/core/remotes/docker"

	"github.com/xiilab/astrago-ci/magefiles/internal/backoff"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/auth"
	"github.com/xiilab/astrago-ci/magefiles/internal/telemetry/requests"
	"github.com/xiilab/astrago-ci/magefiles/internal/transport"
)

// Options of a Client. The zero value is an anonymous client that speaks HTTPS, and plain HTTP to this machine.
type Options struct {
	Keychain  *auth.Keychain                             // credentials; nil is anonymous
	PlainHTTP func(host string) bool                     // hosts without TLS; nil means loopback addresses
	Transport http.RoundTripper                          // nil is NewTransport
	Patience  time.Duration                              // for the answer to a request that sends no content; zero means a minute
	Sleep     func(context.Context, time.Duration) error // waits before a repetition; nil is a timer
}

// Client talks to any number of registries. It keeps connections, tokens and challenges for its lifetime and is safe for
// concurrent use.
type Client struct {
	keychain  *auth.Keychain
	plainHTTP func(string) bool
	http      *http.Client
	sleep     func(context.Context, time.Duration) error

	mu    sync.Mutex
	hosts map[string]docker.RegistryHost
}

// New makes a client; nothing is connected or read yet.
func New(o Options) *Client {
	c := &Client{
		keychain:  cmp.Or(o.Keychain, &auth.Keychain{}),
		plainHTTP: o.PlainHTTP,
		sleep:     o.Sleep,
		hosts:     map[string]docker.RegistryHost{},
	}
	if c.plainHTTP == nil {
		c.plainHTTP = transport.IsLoopback
	}
	if c.sleep == nil {
		c.sleep = backoff.Sleep
	}
	base := o.Transport
	if base == nil {
		base = NewTransport()
	}
	// All that is read of a registry are documents; what is longer than two of the longest is none.
	wire := requests.Transport(transport.New(transport.Options{Base: base, MaxBody: 2 * maxDocument, Private: o.PlainHTTP == nil}))
	c.http = &http.Client{Transport: &pacedTransport{next: wire, limit: cmp.Or(o.Patience, answerTime), sleep: c.sleep}}
	return c
}

// registryHost returns what is known of a registry. It is made once: containerd's own configuration makes a client and an
// authorizer for every reference, and so a connection and a token.
func (c *Client) registryHost(name string) docker.RegistryHost {
	c.mu.Lock()
	defer c.mu.Unlock()
	if host, ok := c.hosts[name]; ok {
		return host
	}
	address, _ := docker.DefaultHost(name) // its error is always nil: it only maps docker.io
	scheme := "https"
	if c.plainHTTP(name) {
		scheme = "http"
	}
	host := docker.RegistryHost{
		Client:       c.http,
		Authorizer:   auth.NewAuthorizer(name, scheme, address, c.keychain, c.http, c.plainHTTP),
		Scheme:       scheme,
		Host:         address,
		Path:         "/v2",
		Capabilities: docker.HostCapabilityPull | docker.HostCapabilityResolve | docker.HostCapabilityPush,
	}
	c.hosts[name] = host
	return host
}

// newResolver makes a resolver for one reference and one attempt. It must never be used twice: its tracker knows content by
// digest only, so that a second tag or repository, or a repetition, counts as done and nothing is sent.
func (c *Client) newResolver(tracker docker.StatusTracker) remotes.Resolver {
	return docker.NewResolver(docker.ResolverOptions{
		Tracker: tracker,
		Headers: auth.Identification(),
		Hosts: func(name string) ([]docker.RegistryHost, error) {
			return []docker.RegistryHost{c.registryHost(name)}, nil
		},
	})
}

// Address returns where a registry answers.
func (c *Client) Address(registry string) string {
	host := c.registryHost(registry)
	return fmt.Sprintf("%s://%s%s/", host.Scheme, host.Host, host.Path)
}
