package protocol

import (
	"fmt"
	"math"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/containerd/containerd/v2/core/remotes/docker"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/auth"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/hosts"
	"github.com/xiilab/astrago-ci/magefiles/internal/telemetry/requests"
	"github.com/xiilab/astrago-ci/magefiles/internal/transport"
)

// place is the destination of requests for a registry.
type place struct {
	own     docker.RegistryHost   // the registry itself
	blobs   *http.Client          // of the registry itself, for answers of any length
	mirrors []docker.RegistryHost // asked before it
	said    hosts.Registry
	err     error // why it is not known
}

// registryHost returns the registry itself. It is made once: containerd's own configuration makes a client and an authorizer for
// every reference, and so a connection and a token.
//
// What we push, tag and look up is never asked of a mirror: one may be behind, and a daemon pushes to the registry itself.
func (c *Client) registryHost(registry string) (docker.RegistryHost, error) {
	p := c.placeOf(registry)
	if p.err == nil && p.said.Replaced != "" {
		return p.own, problem.New(problem.Usage, "name that server in image: of astrago.yaml, or let a [host] be the registry itself",
			"using the registry %q: %s/hosts.toml sends what is for it to %s, and an image is where its name says", registry, p.said.Dir,
			p.said.Replaced)
	}
	return p.own, p.err
}

// pullHosts returns where to read from, in order.
func (c *Client) pullHosts(registry string) ([]docker.RegistryHost, error) {
	if !c.mirrors {
		host, err := c.registryHost(registry)
		return []docker.RegistryHost{host}, err
	}
	p := c.placeOf(registry)
	if p.said.Replaced != "" {
		return p.mirrors, p.err
	}
	return append(slices.Clip(p.mirrors), p.own), p.err
}

func (c *Client) placeOf(registry string) place {
	c.mu.Lock()
	defer c.mu.Unlock()
	if known, ok := c.places[registry]; ok {
		return known
	}
	p := place{}
	p.said, p.err = c.machine.Lookup(registry)
	route := c.routeOf(p.said.Endpoint)
	p.own = c.hostOf(registry, p.said.Endpoint, route)
	p.blobs = &http.Client{Transport: c.wire(route, math.MaxInt64-1)}
	for _, mirror := range p.said.Mirrors {
		p.mirrors = append(p.mirrors, c.hostOf(mirror.Host, mirror, c.routeOf(mirror)))
	}
	c.places[registry] = p
	return p
}

// hostOf makes what containerd knows of a server, with credentials that are for the named registry. The caller holds c.mu.
func (c *Client) hostOf(registry string, e hosts.Endpoint, route *hostRoute) docker.RegistryHost {
	// All that is read by it are documents; what is longer than two of the longest is none.
	wire := c.wire(route, 2*maxDocument)
	client := &http.Client{Transport: &pacedTransport{next: wire, limit: c.patience, sleep: c.sleep}}
	for _, values := range e.Header {
		c.keychain.Hide(values...)
	}
	return docker.RegistryHost{
		Client:       client,
		Authorizer:   auth.NewAuthorizer(registry, e.Scheme, e.Host, c.keychain, client, c.machine.SpeaksHTTP),
		Scheme:       e.Scheme,
		Host:         e.Host,
		Path:         e.Path,
		Header:       e.Header,
		Capabilities: docker.HostCapabilityPull | docker.HostCapabilityResolve | docker.HostCapabilityPush,
	}
}

// routeOf makes the way of requests to a server.
func (c *Client) routeOf(e hosts.Endpoint) *hostRoute {
	return &hostRoute{client: c, scheme: e.Scheme, host: e.Host, own: c.roundTripper(e), header: e.Header}
}

// wire guards a way, and bounds its answers.
func (c *Client) wire(route *hostRoute, most int64) http.RoundTripper {
	return requests.Transport(transport.New(transport.Options{
		Base: route, MaxBody: most, Private: true, PlainHTTP: func(host string) bool { return route.isPlain(host) },
	}))
}

// roundTripper returns what connects to a server: the one for all, unless the machine says something of its TLS or its connections.
func (c *Client) roundTripper(e hosts.Endpoint) http.RoundTripper {
	settings, shared := e.TLS(), c.base
	if settings == nil && e.DialTimeout == 0 {
		return shared
	}
	base, ok := shared.(*http.Transport)
	if !ok {
		return shared
	}
	own := base.Clone()
	own.TLSClientConfig = settings
	if e.DialTimeout > 0 {
		own.DialContext = (&net.Dialer{Timeout: e.DialTimeout, KeepAlive: 30 * time.Second}).DialContext
	}
	return own
}

// hostRoute sends each request by the settings of the host that it is for, also behind a redirect: the certificates of this
// machine go to the server that they are for, and no host is spoken to without TLS because another one says so.
type hostRoute struct {
	client       *Client
	scheme, host string
	own          http.RoundTripper
	header       http.Header // for this host alone; containerd sends it along to wherever an upload goes on
}

// RoundTrip implements http.RoundTripper.
func (h *hostRoute) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme == h.scheme && r.URL.Host == h.host {
		return h.own.RoundTrip(r)
	}
	next, err := h.elsewhere(r)
	if err != nil {
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return nil, err
	}
	return next.RoundTrip(h.forAnother(r))
}

// forAnother is a request without the headers that the machine's files set for the host of this route. The same host may be named with
// its port.
func (h *hostRoute) forAnother(r *http.Request) *http.Request {
	if len(h.header) == 0 || transport.SameOrigin(r.URL, &url.URL{Scheme: h.scheme, Host: h.host}) {
		return r
	}
	stripped := r.WithContext(r.Context())
	stripped.Header = r.Header.Clone()
	for name := range h.header {
		stripped.Header.Del(name)
	}
	return stripped
}

func (h *hostRoute) elsewhere(r *http.Request) (http.RoundTripper, error) {
	if r.URL.Scheme == "http" && !h.isPlain(r.URL.Host) {
		return nil, cleartextError{from: h.host, to: r.URL.Host}
	}
	other, err := h.client.machine.Lookup(r.URL.Host)
	if err != nil {
		return nil, err
	}
	return h.client.sharedTripper(other.Endpoint), nil
}

// isPlain reports whether a host may be spoken to without TLS.
func (h *hostRoute) isPlain(host string) bool {
	return host == h.host && h.scheme == "http" || h.client.machine.SpeaksHTTP(host)
}

// sharedTripper is roundTripper, made once for each server.
func (c *Client) sharedTripper(e hosts.Endpoint) http.RoundTripper {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := e.Scheme + "://" + e.Host
	if c.trippers[key] == nil {
		c.trippers[key] = c.roundTripper(e)
	}
	return c.trippers[key]
}

// cleartextError is a request that would have left TLS.
type cleartextError struct{ from, to string }

func (e cleartextError) Error() string {
	return fmt.Sprintf("%s leads to http://%s, and that host is spoken to over https", e.from, e.to)
}
