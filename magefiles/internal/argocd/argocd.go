// Package argocd waits until an application of Argo CD runs what a commit says. It asks Argo CD's API server over HTTP and
// needs no more of it than to see the application.
//
// What an answer means was measured against Argo CD 3.5; where this package is stricter than a glance at the fields would
// be, the field alone had been wrong there.
package argocd

import (
	"cmp"
	"net/http"
	"net/url"

	"github.com/xiilab/astrago-ci/magefiles/internal/backoff"
	"github.com/xiilab/astrago-ci/magefiles/internal/credential"
)

// Options configures a Client. Only Server, and Token or Workflow, are required.
type Options struct {
	Server    string              // host[:port], taken as https, or a URL; as ARGOCD_SERVER of Argo CD's own client
	Token     string              // of a local account or a project's role; it travels in the Authorization header to Server alone
	Workflow  *Workflow           // a workflow that signs in by its identity, in place of Token
	Connector string              // id of the connector of Argo CD's Dex that takes it; "github-actions" by default
	Audience  string              // that its identity is for; the server's address by default
	Hide      func(secret string) // gets every token of a workflow as soon as it exists
	CA        string              // certificates that Server's may be signed by, in PEM; the system's where empty
	Insecure  bool                // take any certificate
	UserAgent string              // "astrago-ci" by default
	Clock     Clock               // the machine's own by default
}

// Client asks one Argo CD. It is safe for concurrent use.
type Client struct {
	base  *url.URL
	token credential.Source
	agent string
	sso   *exchange // where a workflow signs in; else nil
	http  *http.Client
	clock Clock
}

// New makes a Client. Its errors are configuration errors (problem.Usage); nothing is requested yet.
func New(o Options) (*Client, error) {
	base, err := parseServer(o.Server)
	if err != nil {
		return nil, err
	}
	transport, err := newTransport(o)
	if err != nil {
		return nil, err
	}
	if o.Clock == nil {
		o.Clock = backoff.System{}
	}
	c := &Client{base: base, agent: cmp.Or(o.UserAgent, "astrago-ci"), clock: o.Clock}
	c.http = &http.Client{Transport: transport, CheckRedirect: keepRedirect}
	if o.Workflow != nil {
		c.sso = newExchange(c, o)
		c.token = c.sso.source()
		return c, nil
	}
	token, err := parseToken(o.Token)
	c.token = credential.Static(token)
	return c, err
}

// SignsIn reports whether the client signs in by the identity of a workflow, and not with a token that it was given.
func (c *Client) SignsIn() bool { return c.sso != nil }

// keepRedirect returns the answer that redirects: no credential follows it.
func keepRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// Clock tells the time and waits, so that tests need not.
type Clock = backoff.Clock
