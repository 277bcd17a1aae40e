package argocd

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// firstTries is the number of requests to a server that has never answered. One that has answered may be restarting.
const firstTries = 5

// retryFailedRequest goes on where trying again may help.
func (w *waitRun) retryFailedRequest(ctx context.Context, err error, refresh bool) (evaluation, error) {
	f := evaluation{Event: w.last}
	if cause := context.Cause(ctx); cause != nil {
		return f, cause
	}
	if refresh && errors.Is(err, errSlow) {
		f.Text = "Argo CD has not compared within " + formatDuration(refreshTimeout) +
			": its controller, its repo server or git does not answer"
		return f, nil
	}
	var network *url.Error
	status, refused := errors.AsType[*statusError](err)
	if refused && w.answered && (status.status == http.StatusForbidden || status.status == http.StatusNotFound) {
		return w.awaitAccess(f, status)
	}
	switch _, untrusted := errors.AsType[*tls.CertificateVerificationError](err); {
	case refused && (status.status >= 500 || status.status == http.StatusTooManyRequests):
	case refused, untrusted, errors.Is(err, errNotArgoCD), errors.Is(err, http.ErrSchemeMismatch):
		return f, err
	case errors.As(err, &network):
		err = network.Err
	}
	w.failures++
	if !w.answered && w.failures >= firstTries {
		return f, problem.New(problem.Failed, "check that it runs and can be reached from here, and "+serverRemedy,
			"asking %s %d times%s: %w", w.client.base.Host, firstTries, w.client.insecureHint(err), err)
	}
	f.Text = fmt.Sprintf("Argo CD does not answer, trying again: %s", oneLine(err.Error()))
	return f, nil
}

// deniedGrace is the time during which Argo CD may refuse what it allowed earlier in the same wait: it answers 403 also while its own
// Kubernetes API is away.
const deniedGrace = time.Minute

// awaitAccess waits for Argo CD to allow again what it has allowed.
func (w *waitRun) awaitAccess(f evaluation, status *statusError) (evaluation, error) {
	now := w.client.clock.Now()
	if w.denied.IsZero() {
		w.denied = now
	}
	if now.Sub(w.denied) >= deniedGrace {
		return f, problem.New(problem.Failed, "look whether it was deleted, or the token's rights were changed meanwhile: "+
			w.client.Page(w.target),
			"Argo CD stopped showing the application %s ago (%w)", formatDuration(now.Sub(w.denied)), status)
	}
	w.failures++
	f.Text = "Argo CD does not show the application any more, trying again: " + oneLine(status.Error())
	return f, nil
}

// insecureHint names a likely cause of a connection that is cut: a server that speaks plain http closes one that begins with TLS.
func (c *Client) insecureHint(err error) string {
	if c.base.Scheme != "https" || !strings.Contains(err.Error(), "connection reset") && !strings.Contains(err.Error(), "EOF") {
		return ""
	}
	return " (if it runs with --insecure, write http:// before its address)"
}

// explainError adds what a user can do about an answer that trying again does not change.
func (c *Client) explainError(t Target, err error) error {
	err = c.remedyFor(t, err)
	return fmt.Errorf("waiting for the Argo CD application %q: %w", t.Application, err)
}

func (c *Client) remedyFor(t Target, err error) error {
	status, refused := errors.AsType[*statusError](err)
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
	name, otherName := errors.AsType[x509.HostnameError](err)
	switch {
	case problem.As(err) != nil:
		return err
	case otherName:
		return problem.New(problem.Usage, "reach it by a name of the certificate"+namesIn(name.Certificate)+", or, where the way there "+
			"is safe, set ARGOCD_INSECURE=true",
			"the certificate of %s is for another name: %w", c.base.Host, err)
	case untrusted:
		return problem.New(problem.Usage, "set ARGOCD_SERVER_CRT to the certificate that signed the server's, or, where the way there "+
			"is safe, ARGOCD_INSECURE=true",
			"the certificate of %s is not trusted here: %w", c.base.Host, err)
	case errors.Is(err, http.ErrSchemeMismatch):
		return problem.New(problem.Usage, "write http:// before it, or the port of https", "%s answers in plain http", c.base.Host)
	case errors.Is(err, errNotArgoCD):
		return problem.New(problem.Usage, serverRemedy+"; with its root path, where it has one", "asking %s: %w", c.base, err)
	case !refused:
		return err
	}
	return c.adviseStatus(t, status)
}

// namesIn lists what a certificate is for.
func namesIn(certificate *x509.Certificate) string {
	names := slices.Clone(certificate.DNSNames)
	for _, ip := range certificate.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		return ""
	}
	return " (" + strings.Join(names, ", ") + ")"
}

func (c *Client) adviseStatus(t Target, status *statusError) error {
	switch {
	case c.sso != nil && (status.status == http.StatusUnauthorized || status.status == http.StatusForbidden):
		return c.sso.advise(t, status)
	case status.status == http.StatusUnauthorized && strings.Contains(status.message, "expired"):
		return problem.New(problem.Failed, "create a new one and set ARGOCD_AUTH_TOKEN to it: "+createToken(t),
			"the token has expired (%w)", status)
	case status.status == http.StatusUnauthorized:
		return problem.New(problem.Failed, "set ARGOCD_AUTH_TOKEN to a token of this Argo CD: "+createToken(t),
			"%s does not take the token (%w)", c.base.Host, status)
	case status.status == http.StatusForbidden:
		return problem.New(problem.Failed, "check `argocd.application`, `argocd.project` and `argocd.namespace` in astrago.yaml\n"+
			"and let the token's role see it: p, proj:"+projectFlag(t)+":ROLE, applications, get, "+
			projectFlag(t)+"/"+t.qualifiedName()+", allow",
			"it does not exist, or ARGOCD_AUTH_TOKEN may not see it (%w)", status)
	case status.status == http.StatusNotFound && status.code != 0:
		return problem.New(problem.Failed, "check `argocd.application` in astrago.yaml: argocd app list",
			"project %q has no such application (%w)", t.Project, status)
	case c.base.Scheme == "http" && strings.HasPrefix(status.location, "https://"+c.base.Hostname()):
		return problem.New(problem.Usage, "set ARGOCD_SERVER to https://"+c.base.Host+c.base.Path,
			"%s takes https only: it redirects there (%w)", c.base, status)
	case status.location != "":
		return problem.New(problem.Usage, serverRemedy, "%s redirects to %s (%w)", c.base, redirectTarget(status.location), status)
	}
	remedy := serverRemedy
	switch status.status {
	case http.StatusNotFound:
		remedy += "; with its root path, where it is served below one"
	case http.StatusUnsupportedMediaType:
		remedy = "let the ingress pass /api/ to Argo CD as HTTP: this one seems to take gRPC-web only"
	}
	return problem.New(problem.Failed, remedy, "asking %s: %w", c.base, status)
}

func createToken(t Target) string { return "argocd proj role create-token " + projectFlag(t) + " ROLE" }

func projectFlag(t Target) string {
	if t.Project == "" {
		return "PROJECT"
	}
	return t.Project
}

// redirectTarget returns the address of a redirect without its query, which carries a login page's parameters.
func redirectTarget(location string) string {
	u, err := url.Parse(location)
	if err != nil {
		return "another address"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}
