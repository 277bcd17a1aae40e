package hosts

import (
	"crypto/tls"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"
)

// Endpoint is a server with the API of a registry.
type Endpoint struct {
	Scheme string // http or https
	Host   string // with its port, where it has one
	Path   string // before the names of repositories, /v2 as a rule
	// Authorities and Pairs are files in PEM: certificates of authorities that are trusted beside the system's, and those by which
	// this machine shows what it is.
	Authorities []string
	Pairs       []Pair
	SkipVerify  bool        // any certificate of the server does
	Header      http.Header // sent to it with every request; may hold credentials
	DialTimeout time.Duration
	Pull, Push  bool // what it may be used for, besides resolving tags

	tls *tls.Config
}

// Pair is a client's certificate with its key; both may be in one file.
type Pair struct{ Certificate, Key string }

// TLS returns how it is spoken to in TLS where its files say more than the system's defaults; else nil.
func (e Endpoint) TLS() *tls.Config {
	if e.tls == nil {
		return nil
	}
	return e.tls.Clone()
}

// hasTLS reports whether something is said that only TLS has.
func (e Endpoint) hasTLS() bool { return len(e.Authorities) > 0 || len(e.Pairs) > 0 || e.SkipVerify }

// is reports whether it is a registry's own server.
func (e Endpoint) is(registry string) bool {
	own := []string{address(registry)}
	if registry == dockerHub {
		own = append(own, dockerHub, "index.docker.io")
	}
	return slices.ContainsFunc(own, func(host string) bool { return withPort(e.Scheme, host) == withPort(e.Scheme, e.Host) })
}

// named is an endpoint whose host is the one that answers: Docker Hub's name is written for it, too.
func (e Endpoint) named(registry string) Endpoint {
	if registry == dockerHub && e.is(registry) {
		e.Host = address(registry)
	}
	return e
}

// withPort returns a host with its port, the scheme's own where it names none.
func withPort(scheme, host string) string {
	u := url.URL{Host: strings.ToLower(host)}
	if u.Port() != "" {
		return u.Host
	}
	if scheme == schemeHTTP {
		return u.Host + ":80"
	}
	return u.Host + ":443"
}

// parseServer reads the address of a server as containerd does: https where it has no scheme, and the API below /v2 unless the path
// says otherwise.
func parseServer(text string, keepPath bool) (Endpoint, error) {
	if !strings.Contains(text, "://") {
		text = schemeHTTPS + "://" + text
	}
	u, err := url.Parse(text)
	if err != nil {
		return Endpoint{}, err
	}
	e := Endpoint{Scheme: u.Scheme, Host: u.Host, Path: u.Path}
	if e.Path != "" {
		e.Path = path.Clean(e.Path)
	}
	if !keepPath && !strings.HasSuffix(e.Path, apiPath) {
		e.Path = strings.TrimSuffix(e.Path, "/") + apiPath
	}
	return e, nil
}
