// Package explain makes of what a registry answered, or did not, what a person can act on.
package explain

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"syscall"

	remoteserrors "github.com/containerd/containerd/v2/core/remotes/errors"
	"github.com/containerd/errdefs"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/answer"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/auth"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/protocol"
)

// ErrNotFound is a reference that the registry does not know, or does not show to these credentials: registries answer both the
// same way.
var ErrNotFound = errors.New("not found, or not visible with these credentials")

// Explainer explains errors of a client with a keychain.
type Explainer struct{ Keychain *auth.Keychain }

// Explain makes of an error what a person can act on: what was being done, to what, what the registry said, and what to
// do next. A cancelled context's cause is returned as it is. The text never holds an address's query, which may be a
// signed link, or a secret.
func (e Explainer) Explain(ctx context.Context, doing string, r imageref.Reference, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if explained := problem.As(err); explained != nil {
		return explained // without what containerd put around it on the way
	}
	d := (*auth.Denied)(nil)
	if refused := auth.AsDenied(err, false); errors.As(refused, &d) {
		return e.explainDenied(ctx, doing, r, d)
	}
	if status, ok := errors.AsType[remoteserrors.ErrUnexpectedStatus](err); ok {
		return e.explainStatus(doing, r, status)
	}
	if errdefs.IsNotFound(err) {
		remedy := fmt.Sprintf("check the name; if the image is there, log in with credentials that may read %s", r.Repository)
		return problem.New(problem.Failed, remedy, "%s %q: %w", doing, r, ErrNotFound)
	}
	return e.explainNetwork(doing, r, err)
}

func (e Explainer) explainStatus(doing string, r imageref.Reference, status remoteserrors.ErrUnexpectedStatus) error {
	said := fmt.Sprintf("%d %s", status.StatusCode, http.StatusText(status.StatusCode))
	if text := answer.Message(status.Body); text != "" {
		said += " (" + e.Keychain.Redact(text) + ")"
	}
	cause := rewordedError{text: fmt.Sprintf("%s answered %s to %s", r.Host, said, status.RequestMethod), cause: status}
	remedy := problem.Again + "; what is already there is not sent again"
	switch {
	case status.StatusCode == http.StatusNotFound:
		remedy = fmt.Sprintf("%s does not know %s: create it there, or correct image: in astrago.yaml", r.Host, r.Path)
	case isQuota(answer.Message(status.Body)):
		remedy = quotaRemedy(r)
	case status.StatusCode == http.StatusRequestEntityTooLarge:
		remedy = fmt.Sprintf("a proxy before %s takes no content of this size, in a request of its own for each layer: raise its limit, "+
			"such as client_max_body_size of nginx or the annotation nginx.ingress.kubernetes.io/proxy-body-size, "+
			"or make the layer smaller", r.Host)
	case status.StatusCode < http.StatusInternalServerError && !protocol.IsTransientStatus(status):
		remedy = "the registry does not take this image as it is; its own words above say why"
	}
	return problem.New(problem.Failed, remedy, "%s %q: %w", doing, r, cause)
}

// explainNetwork distinguishes what a person does different things about: a wrong name, nothing listening, no TLS, an
// unknown certificate, a broken connection.
func (e Explainer) explainNetwork(doing string, r imageref.Reference, err error) error {
	cause, host := err, r.Host
	if failed, ok := errors.AsType[*url.Error](err); ok {
		cause = failed.Err // without the address, whose query may be a signed link
		if address, err := url.Parse(failed.URL); err == nil {
			host = address.Host // of a token service, or of a store behind a redirect
		}
	}
	remedy := problem.Again + "; what is already there is not sent again"
	plain, authority := tls.RecordHeaderError{}, x509.UnknownAuthorityError{}
	dns, network := (*net.DNSError)(nil), net.Error(nil)
	switch {
	case errors.As(err, &dns):
		remedy = fmt.Sprintf("the name %q cannot be looked up: check image: in astrago.yaml, and this machine's network", dns.Name)
	case errors.Is(err, syscall.ECONNREFUSED):
		remedy = fmt.Sprintf("nothing listens at %s: check the host and the port, and that the registry runs", host)
	case errors.As(err, &plain), errors.Is(err, http.ErrSchemeMismatch):
		remedy = fmt.Sprintf("%s does not speak TLS; if that is meant, this machine has to say so: server = \"http://%s\" in "+
			"/etc/containerd/certs.d/%s/hosts.toml", host, host, host)
	case errors.As(err, &authority):
		remedy = fmt.Sprintf("this machine does not trust the certificate of %s: put that of its authority into "+
			"/etc/docker/certs.d/%s/ca.crt, or among the system's", host, host)
	case protocol.WantsCertificate(err):
		remedy = fmt.Sprintf("%s asks this machine for a certificate: put it and its key into /etc/docker/certs.d/%s/client.cert and "+
			"client.key", host, host)
	case protocol.LeavesTLS(err):
		remedy = "its answers must lead to https: have the proxy before it set X-Forwarded-Proto, or the registry answer with relative " +
			"addresses (http.relativeurls of distribution)"
	case protocol.IsCertificate(err):
		remedy = fmt.Sprintf("the certificate of %s is not valid for it; a proxy in between may be the reason", host)
	case errors.As(err, &network) && network.Timeout():
		remedy = fmt.Sprintf("%s did not answer in time: check the network and the proxy, then run the same command again", host)
	}
	text := e.Keychain.Redact(answer.Printable(cause.Error(), 500))
	return problem.New(problem.Failed, remedy, "%s %q: %w", doing, r, rewordedError{text: text, cause: err})
}

// rewordedError says something else than the error that it wraps.
type rewordedError struct {
	text  string
	cause error
}

func (r rewordedError) Error() string { return r.text }
func (r rewordedError) Unwrap() error { return r.cause }
