// Package argocd waits until an application of ArgoCD runs what a commit says. It asks ArgoCD's API server over HTTP and
// needs no more of it than to see the application.
//
// What an answer means was measured against ArgoCD 3.5; where this package is stricter than a glance at the fields would
// be, the field alone had been wrong there.
package argocd

import (
	"cmp"
	"net/http"
	"net/url"

	"github.com/xiilab/astrago-ci/magefiles/internal/backoff"
)

// Options configures a Client. Only Server and Token are required.
type Options struct {
	Server    string // host[:port], taken as https, or a URL; as ARGOCD_SERVER of ArgoCD's own client
	Token     string // of a local account or a project's role; it travels in the Authorization header to Server and nowhere else
	CA        string // certificates that Server's may be signed by, in PEM; the system's where empty
	Insecure  bool   // take any certificate
	UserAgent string // "astrago-ci" by default
	Clock     Clock  // the machine's own by default
}

// Client asks one ArgoCD. It is safe for concurrent use.
type Client struct {
	base  *url.URL
	token string
	agent string
	http  *http.Client
	clock Clock
}

// New makes a Client. Its errors are configuration errors (problem.Usage); nothing is requested yet.
func New(o Options) (*Client, error) {
	base, err := parseServer(o.Server)
	if err != nil {
		return nil, err
	}
	token, err := parseToken(o.Token)
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
	client := &http.Client{Transport: transport, CheckRedirect: keepRedirect}
	return &Client{base: base, token: token, agent: cmp.Or(o.UserAgent, "astrago-ci"), clock: o.Clock, http: client}, nil
}

// keepRedirect returns the answer that redirects: no credential follows it.
func keepRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// Clock tells the time and waits, so that tests need not.
type Clock = backoff.Clock
