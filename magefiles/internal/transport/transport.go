// Package transport provides the transport of every HTTP client of this project: a credential reaches its audience only, and no answer is
// without end.
package transport

import (
	"fmt"
	"io"
	"net/http"
	"slices"
)

// Options say what a transport lets through.
type Options struct {
	Base    http.RoundTripper // sends; http.DefaultTransport where nil
	MaxBody int64             // bytes of an answer's body, beyond which reading it fails; 16 MB where zero
	Private bool              // an Authorization header travels over https and to this machine only
	// PlainHTTP are further hosts that it reaches without TLS; nil: none are.
	PlainHTTP func(host string) bool
}

const defaultMaxBody = 16 << 20

// New returns a transport around another. What it guards does not depend on how the http.Client above it treats redirects:
// net/http keeps the headers for another port and another scheme of the same host.
func New(o Options) http.RoundTripper {
	if o.Base == nil {
		o.Base = http.DefaultTransport
	}
	if o.MaxBody == 0 {
		o.MaxBody = defaultMaxBody
	}
	return guard(o)
}

type guard Options

// RoundTrip implements http.RoundTripper.
func (g guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if strayed(r) {
		r = forStrangers(r)
	}
	if g.Private && r.Header.Get("Authorization") != "" && !IsPrivate(r.URL) && !g.isPlain(r.URL.Host) {
		closeBody(r)
		return nil, fmt.Errorf("refusing to send a credential to %s://%s: it travels over https, or on this machine", r.URL.Scheme,
			r.URL.Host)
	}
	response, err := g.Base.RoundTrip(r)
	if err != nil || response.Body == nil || response.Body == http.NoBody {
		return response, err
	}
	response.Body = &bounded{ReadCloser: response.Body, left: g.MaxBody, most: g.MaxBody, host: r.URL.Host}
	return response, nil
}

func (g guard) isPlain(host string) bool { return g.PlainHTTP != nil && g.PlainHTTP(host) }

// forStrangers is a request without the headers that are for its first origin: a token may stand in any of them (Authorization,
// X-Api-Key, DD-API-KEY), and in the address that Referer tells.
func forStrangers(r *http.Request) *http.Request {
	stripped := r.WithContext(r.Context())
	stripped.Header = r.Header.Clone()
	for name := range stripped.Header {
		if !slices.Contains(public, name) {
			delete(stripped.Header, name)
		}
	}
	return stripped
}

// closeBody does what http.RoundTripper asks for, also where nothing is sent.
func closeBody(r *http.Request) {
	if r.Body != nil {
		_ = r.Body.Close()
	}
}

// bounded is a body whose reading fails behind its most bytes.
type bounded struct {
	io.ReadCloser
	left, most int64
	host       string
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, b.tooLong()
	}
	if int64(len(p)) > b.left+1 { // one more tells a body that ends there from one that goes on
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	b.left -= int64(n)
	if b.left < 0 {
		return n - 1, b.tooLong()
	}
	return n, err
}

func (b *bounded) tooLong() error {
	return fmt.Errorf("reading the answer of %s: it is longer than %d bytes", b.host, b.most)
}
