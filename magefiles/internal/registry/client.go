// Package registry speaks to image registries: it resolves tags, reads what images say of themselves, proves the right to push,
// and pushes images so that their tags appear together, after their content, and never move. Its errors say what a person can do.
package registry

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"github.com/containerd/containerd/v2/core/content"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/auth"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/explain"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/hosts"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/protocol"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
)

// Errors that callers decide on, with errors.Is.
var (
	ErrNotFound = explain.ErrNotFound // the registry does not know it, or does not show it to these credentials
	ErrDenied   = auth.ErrDenied      // the registry refuses the credentials, or a right that they lack
)

// Options of a Client. The zero value is an anonymous client that speaks HTTPS, and plain HTTP to this machine.
type Options struct {
	Keychain  *auth.Keychain                             // credentials; nil is anonymous
	Push      bool                                       // ask for the right to push with the first token, so that one does for all
	Machine   *hosts.Machine                             // how registries are reached from here; nil: nothing is said of any
	Mirrors   bool                                       // reads as a daemon pulls: from the machine's mirrors first
	Transport http.RoundTripper                          // nil is protocol.NewTransport
	Parallel  int                                        // requests under way at once in a push; zero means 4
	Patience  time.Duration                              // for the answer to a request that sends no content; zero means a minute
	Sleep     func(context.Context, time.Duration) error // waits before a repetition; nil is a timer
}

// Client talks to any number of registries. It keeps connections, tokens and challenges for its lifetime and is safe for
// concurrent use.
type Client struct {
	keychain  *auth.Keychain
	protocol  *protocol.Client
	explainer explain.Explainer
	push      bool
	parallel  int
}

// New makes a client; nothing is connected or read yet.
func New(o Options) *Client {
	keychain := cmp.Or(o.Keychain, &auth.Keychain{})
	return &Client{
		keychain: keychain,
		protocol: protocol.New(protocol.Options{
			Keychain: keychain, Machine: o.Machine, Mirrors: o.Mirrors, Transport: o.Transport, Patience: o.Patience, Sleep: o.Sleep,
		}),
		explainer: explain.Explainer{Keychain: keychain},
		push:      o.Push,
		parallel:  cmp.Or(o.Parallel, 4),
	}
}

// Push makes each image's tag name exactly its content, all of them or none, see push.Pusher.
func (c *Client) Push(
	ctx context.Context, provider content.Provider, images []push.Image, report func(push.Progress),
) ([]push.Pushed, error) {
	return c.pusher().Push(ctx, provider, images, report)
}

// Retag makes each tag name its image, which its repository has, all of them or none, see push.Pusher.
func (c *Client) Retag(ctx context.Context, images []push.Image) ([]push.Pushed, error) {
	return c.pusher().Retag(ctx, images)
}

// Copy makes each tag name its image, which a repository has, all of them or none, see push.Pusher.
func (c *Client) Copy(ctx context.Context, images []push.Copy, report func(push.Progress)) ([]push.Pushed, error) {
	return c.pusher().Copy(ctx, images, report)
}

// CheckRetag refuses what Retag would refuse; see push.Pusher.CheckRetag.
func (c *Client) CheckRetag(ctx context.Context, images []push.Image) (missing []imageref.Reference, err error) {
	return c.pusher().CheckRetag(ctx, images)
}

func (c *Client) pusher() push.Pusher {
	return push.Pusher{Client: c.protocol, Explainer: c.explainer, Parallel: c.parallel}
}
