package argocd

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/telemetry/requests"
	"github.com/xiilab/astrago-ci/magefiles/internal/transport"
)

const serverRemedy = "set ARGOCD_SERVER, or `argocd.server` in astrago.yaml, to its address, e.g. argocd.example.com or " +
	"https://argocd.example.com:8443"

// parseServer accepts the forms that Argo CD's own client accepts, a host with or without a port, and a URL, whose path is Argo CD's root
// path (its --rootpath).
func parseServer(text string) (*url.URL, error) {
	text = strings.TrimSpace(text)
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	base, err := url.Parse(text)
	switch {
	case err != nil: // the cause repeats the text, which may hold a password
		return nil, problem.New(problem.Usage, serverRemedy, "reading the address of Argo CD: it is neither a host nor a URL")
	case base.User != nil:
		return nil, problem.New(problem.Usage, "leave it out; the token goes into ARGOCD_AUTH_TOKEN",
			"reading the address of Argo CD: it holds a user or password")
	case base.Scheme != "https" && base.Scheme != "http", base.Host == "", base.RawQuery != "", base.Fragment != "":
		return nil, problem.New(problem.Usage, serverRemedy, "reading the address of Argo CD: %q is neither a host nor a URL", text)
	}
	if !transport.IsPrivate(base) {
		return nil, problem.New(problem.Usage, "write https://, or a host without a scheme",
			"refusing %q: ARGOCD_AUTH_TOKEN may only travel over https (http is accepted on loopback)", base)
	}
	base.Path, base.RawPath = strings.TrimSuffix(base.Path, "/"), ""
	return base, nil
}

// tokenGrammar is that of a JWT (RFC 7519); Argo CD takes nothing else.
var tokenGrammar = regexp.MustCompile(`^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$`)

// parseToken never quotes what it refuses.
func parseToken(text string) (string, error) {
	text = strings.TrimSpace(text)
	if !tokenGrammar.MatchString(text) {
		return "", problem.New(problem.Usage, "set it to what `argocd account generate-token` or `argocd proj role create-token` "+
			"prints: three parts with dots between them",
			"reading ARGOCD_AUTH_TOKEN: it is not a token of Argo CD")
	}
	return text, nil
}

func newTransport(o Options) (http.RoundTripper, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: o.Insecure} //nolint:gosec // only where the user says so
	if o.CA != "" {
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM([]byte(o.CA)) {
			return nil, problem.New(problem.Usage, "set ARGOCD_SERVER_CRT to a file with the certificate that signed the server's, in "+
				"PEM, or to its content",
				"reading ARGOCD_SERVER_CRT: there is no certificate in it")
		}
	}
	base := &http.Transport{
		Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, TLSHandshakeTimeout: answerTimeout,
		TLSClientConfig: config,
	}
	return requests.Transport(transport.New(transport.Options{Base: base, MaxBody: maxBody, Private: true})), nil
}

// Page returns the address of an application's page.
func (c *Client) Page(t Target) string {
	path := "/applications/" + t.Application
	if t.Namespace != "" {
		path = "/applications/" + t.Namespace + "/" + t.Application
	}
	return c.base.String() + path
}
