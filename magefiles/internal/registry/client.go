// Package registry speaks to image registries through containerd's client: it resolves tags, proves the right to push,
// and pushes images so that their tags appear together, after their content, and never move.
//
// containerd v2.4 has traps that this package works around, each named where it is avoided: a resolver used twice drops
// the second push without an error, a failed token fetch is kept for ever, a full upload hangs on a refused token, and 429
// is repeated at once.
package registry

import (
	"cmp"
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/containerd/containerd/v2/core/remotes"
	"github.com/containerd/containerd/v2/core/remotes/docker"

	"github.com/xiilab/astrago-ci/magefiles/internal/backoff"
	"github.com/xiilab/astrago-ci/magefiles/internal/telemetry/requests"
	"github.com/xiilab/astrago-ci/magefiles/internal/transport"
)

// Options of a Client. The zero value is an anonymous client that speaks HTTPS, and plain HTTP to this machine.
type Options struct {
	Keychain  *Keychain                                  // credentials; nil is anonymous
	Push      bool                                       // ask for the right to push with the first token, so that one does for all
	PlainHTTP func(host string) bool                     // hosts without TLS; nil means loopback addresses
	Transport http.RoundTripper                          // nil is one made for registries (transport.go)
	Parallel  int                                        // requests under way at once in a push; zero means 4
	Patience  time.Duration                              // for the answer to a request that sends no content; zero means a minute
	Sleep     func(context.Context, time.Duration) error // waits before a repetition; nil is a timer
}

// Client talks to any number of registries. It keeps connections, tokens and challenges for its lifetime and may be used
// by many goroutines.
type Client struct {
	keychain  *Keychain
	push      bool
	plainHTTP func(string) bool
	http      *http.Client
	parallel  int
	sleep     func(context.Context, time.Duration) error

	mu    sync.Mutex
	hosts map[string]docker.RegistryHost
}

// New makes a client; nothing is connected or read yet.
func New(o Options) *Client {
	c := &Client{
		keychain:  cmp.Or(o.Keychain, &Keychain{}),
		push:      o.Push,
		plainHTTP: o.PlainHTTP,
		parallel:  cmp.Or(o.Parallel, 4),
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
		base = newTransport()
	}
	// All that is read of a registry are documents; what is longer than two of the longest is none.
	wire := requests.Transport(transport.New(transport.Options{Base: base, MaxBody: 2 * maxDocument, Private: o.PlainHTTP == nil}))
	c.http = &http.Client{Transport: &paced{next: wire, limit: cmp.Or(o.Patience, answerTime), sleep: c.sleep}}
	return c
}

// host gives what is known of a registry. It is made once: containerd's own configuration makes a client and an
// authorizer for every reference, and so a connection and a token.
func (c *Client) host(name string) docker.RegistryHost {
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
		Authorizer:   newAuthorizer(name, scheme, address, c.keychain, c.http, c.plainHTTP),
		Scheme:       scheme,
		Host:         address,
		Path:         "/v2",
		Capabilities: docker.HostCapabilityPull | docker.HostCapabilityResolve | docker.HostCapabilityPush,
	}
	c.hosts[name] = host
	return host
}

// identification is what a registry's operators see in their logs.
func identification() http.Header { return http.Header{"User-Agent": {"astrago-ci"}} }

// resolver makes a resolver for one reference and one attempt. It must never be used twice: its tracker knows content by
// digest only, so that a second tag or repository, or a repetition, counts as done and nothing is sent.
func (c *Client) resolver(tracker docker.StatusTracker) remotes.Resolver {
	return docker.NewResolver(docker.ResolverOptions{
		Tracker: tracker,
		Headers: identification(),
		Hosts: func(name string) ([]docker.RegistryHost, error) {
			return []docker.RegistryHost{c.host(name)}, nil
		},
	})
}
