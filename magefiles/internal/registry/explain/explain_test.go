package explain

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"

	remoteserrors "github.com/containerd/containerd/v2/core/remotes/errors"
	"github.com/containerd/errdefs"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/auth"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/problemtest"
)

const secret = "registry-secret"

func reference(t *testing.T, text string) imageref.Reference {
	t.Helper()
	r, err := imageref.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// explainer has a token for the registry of the tests, which is hidden in whatever is said.
func explainer(t *testing.T, tokens ...auth.Token) Explainer {
	t.Helper()
	keychain := auth.NewKeychain(t.TempDir(), tokens...)
	for _, token := range tokens {
		if _, _, err := keychain.Credentials(t.Context(), token.Hosts[0]); err != nil {
			t.Fatal(err)
		}
	}
	return Explainer{Keychain: keychain}
}

func status(code int, body string) error {
	return fmt.Errorf("pushing: %w", remoteserrors.ErrUnexpectedStatus{StatusCode: code, Body: []byte(body), RequestMethod: http.MethodPut})
}

// sent returns an HTTP client's error, with a signed link as the address.
func sent(cause error) error {
	return &url.Error{Op: "Put", URL: "https://store.example.com/blob?signature=x", Err: cause}
}

// TestErrorsSayWhatToDo maps what a registry answers, or does not, to what its reader can do.
func TestErrorsSayWhatToDo(t *testing.T) {
	e := explainer(t, auth.Token{Hosts: []string{"registry.example.com"}, Secret: secret, Name: "GHCR_TOKEN"})
	r := reference(t, "registry.example.com/acme/shop:v1")
	for name, test := range map[string]struct {
		err     error
		message string
		remedy  string
	}{
		"unknown reference":   {errdefs.ErrNotFound, "not found, or not visible", "log in with credentials that may read registry.example.com/acme/shop"},
		"unknown repository":  {status(404, `{"errors":[{"code":"NAME_UNKNOWN"}]}`), "answered 404 Not Found (NAME_UNKNOWN) to PUT", "registry.example.com does not know acme/shop"},
		"too large":           {status(413, "<html>"), "answered 413", "client_max_body_size"},
		"not as it is":        {status(400, `{"errors":[{"message":"manifest invalid"}]}`), "(manifest invalid)", "its own words above say why"},
		"too many":            {status(429, ""), "answered 429", problem.Again},
		"a fault of its own":  {status(503, ""), "answered 503", problem.Again},
		"the secret repeated": {status(400, `{"errors":[{"message":"bad `+secret+`"}]}`), "bad ***", "its own words"},
		"no such name":        {sent(&net.DNSError{Name: "registry.example.com", Err: "no such host"}), "no such host", `the name "registry.example.com" cannot be looked up`},
		"nothing listens":     {sent(&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}), "connection refused", "nothing listens at store.example.com"},
		"no TLS":              {sent(http.ErrSchemeMismatch), "HTTPS", "store.example.com does not speak TLS"},
		"unknown authority":   {sent(x509.UnknownAuthorityError{}), "unknown authority", "does not trust the certificate of store.example.com"},
		"another's name":      {sent(x509.HostnameError{Certificate: &x509.Certificate{}, Host: "x"}), "", "the certificate of store.example.com is not valid for it"},
		"no answer":           {sent(os.ErrDeadlineExceeded), "timeout", "store.example.com did not answer in time"},
		"broken off":          {sent(syscall.ECONNRESET), "connection reset", problem.Again + "; what is already there is not sent again"},
	} {
		t.Run(name, func(t *testing.T) {
			err := e.Explain(t.Context(), "pushing", r, test.err)
			problemtest.Want(t, err, problem.Failed, secret, `pushing "registry.example.com/acme/shop:v1": `, test.message)
			if remedy := problem.As(err).Remedy; !strings.Contains(remedy, test.remedy) || strings.Contains(remedy, secret) || strings.Contains(err.Error(), "signature") {
				t.Errorf("remedy %q, want %q", remedy, test.remedy)
			}
			_, answered := errors.AsType[remoteserrors.ErrUnexpectedStatus](err)
			if !answered && !errors.Is(err, test.err) && !errors.Is(err, ErrNotFound) {
				t.Errorf("the cause is lost: %v", err)
			}
		})
	}
}

// TestWhatIsExplainedStays, and what ended the run is its cause.
func TestWhatIsExplainedStays(t *testing.T) {
	e, r := explainer(t), reference(t, "registry.example.com/acme/shop:v1")
	if err := e.Explain(t.Context(), "pushing", r, nil); err != nil {
		t.Errorf("of nothing: %v", err)
	}
	before := problem.New(problem.Refused, "do that", "refusing")
	if err := e.Explain(t.Context(), "pushing", r, fmt.Errorf("around: %w", before)); problem.As(err) != before || strings.Contains(err.Error(), "around") {
		t.Errorf("of a problem: %v", err)
	}
	ended, stop := context.WithCancelCause(t.Context())
	cause := errors.New("interrupted")
	stop(cause)
	if err := e.Explain(ended, "pushing", r, status(503, "")); !errors.Is(err, cause) {
		t.Errorf("after the end: %v", err)
	}
}
