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
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/hosts"
)

// Options of a Client. The zero value is an anonymous client that speaks HTTPS, and plain HTTP to this machine.
type Options struct {
	Keychain  *auth.Keychain                             // credentials; nil is anonymous
	Machine   *hosts.Machine                             // how registries are reached from here; nil: nothing is said of any
	Mirrors   bool                                       // reads manifests and blobs as a daemon pulls them: where the machine says, first
	Transport http.RoundTripper                          // nil is NewTransport
	Patience  time.Duration                              // for the answer to a request that sends no content; zero means a minute
	Sleep     func(context.Context, time.Duration) error // waits before a repetition; nil is a timer
}

// Client talks to any number of registries. It keeps connections, tokens and challenges for its lifetime and is safe for
// concurrent use.
type Client struct {
	keychain *auth.Keychain
	machine  *hosts.Machine
	mirrors  bool
	base     http.RoundTripper
	patience time.Duration
	sleep    func(context.Context, time.Duration) error

	mu       sync.Mutex
	places   map[string]place             // by the names of registries
	trippers map[string]http.RoundTripper // by origins that registries have led to
}

// New makes a client; nothing is connected or read yet.
func New(o Options) *Client {
	c := &Client{
		keychain: cmp.Or(o.Keychain, &auth.Keychain{}),
		machine:  o.Machine,
		mirrors:  o.Mirrors,
		base:     o.Transport,
		patience: cmp.Or(o.Patience, answerTime),
		sleep:    o.Sleep,
		places:   map[string]place{},
		trippers: map[string]http.RoundTripper{},
	}
	if c.sleep == nil {
		c.sleep = backoff.Sleep
	}
	if c.base == nil {
		c.base = NewTransport()
	}
	return c
}

// newResolver makes a resolver for one reference and one attempt. It must never be used twice: its tracker knows content by
// digest only, so that a second tag or repository, or a repetition, counts as done and nothing is sent.
func (c *Client) newResolver(tracker docker.StatusTracker) remotes.Resolver {
	return docker.NewResolver(docker.ResolverOptions{
		Tracker: tracker,
		Headers: auth.Identification(),
		Hosts:   c.pullHosts, // the registry alone, unless this client only reads
	})
}

// Address returns where a registry answers.
func (c *Client) Address(registry string) (string, error) {
	host, err := c.registryHost(registry)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s://%s%s/", host.Scheme, host.Host, host.Path), nil
}
