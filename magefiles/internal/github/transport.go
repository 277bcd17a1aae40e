package github

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/backoff"
	"github.com/xiilab/astrago-ci/magefiles/internal/credential"
	"github.com/xiilab/astrago-ci/magefiles/internal/telemetry"
	"github.com/xiilab/astrago-ci/magefiles/internal/telemetry/requests"
	httptransport "github.com/xiilab/astrago-ci/magefiles/internal/transport"
)

const (
	maxTries   = 5                // of one request, the first included
	tryTimeout = 90 * time.Second // of one try with its whole body; 40 MB in base64 take that at 5 Mbit/s
	maxBody    = 128 << 20        // GitHub serves files up to 100 MB
)

// errSlow is the cause of a context that tryTimeout ended.
var errSlow = fmt.Errorf("no whole answer within %s", tryTimeout)

// retryTransport authenticates requests and repeats those that may be repeated. What GitHub refused for its frequency did
// nothing and is repeated after the wait that GitHub asks for. A request whose fate is unknown (5xx, a cut
// connection) is repeated only when it is idempotent in net/http's sense: by method, or marked by markIdempotent. A token that is
// refused (401) did nothing either, and the request is repeated where its source has another one.
type retryTransport struct {
	base       http.RoundTripper
	origin     *url.URL
	credential credential.Source
	userAgent  string
	clock      backoff.Clock
	pause      backoff.Exponential
	notice     func(string)
}

// RoundTrip implements http.RoundTripper. The response's body is already read whole: its failure is the request's.
func (t *retryTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		defer req.Body.Close()
	}
	begun := false // what was sent before may have been carried out
	for n := 1; ; n++ {
		token, err := t.tokenFor(req, begun)
		if err != nil {
			return nil, err
		}
		res, body, err := t.sendOnce(req, token, n)
		if err == nil {
			res.Body = io.NopCloser(bytes.NewReader(body))
		}
		if n < maxTries && err == nil && t.renewsAfter(req, res, token) {
			continue
		}
		wait, why := t.retryDelay(req, res, body, err, n)
		if why == "" || n == maxTries || !fitsDeadline(req.Context(), wait) || !canResend(req) {
			return res, err
		}
		begun = begun || err != nil || isTransient(res.StatusCode)
		telemetry.Debug(req.Context(), "waiting to try again", slog.String("at", "GitHub"), slog.Int("attempt", n+1),
			telemetry.Seconds(wait), slog.String("why", why))
		t.notice(fmt.Sprintf("%s: waiting %s", why, wait.Round(100*time.Millisecond)))
		if err := t.clock.Sleep(req.Context(), wait); err != nil {
			return nil, err
		}
	}
}

// tokenFor returns the token that a request travels with, none to another origin.
func (t *retryTransport) tokenFor(req *http.Request, begun bool) (string, error) {
	if !httptransport.SameOrigin(req.URL, t.origin) {
		return "", nil
	}
	token, err := t.credential.Token(req.Context())
	if err != nil && !begun {
		return "", &unsentError{err}
	}
	return token, err
}

// renewsAfter reports whether an answer refuses the token, and its source has one that may be taken.
func (t *retryTransport) renewsAfter(req *http.Request, res *http.Response, token string) bool {
	return res.StatusCode == http.StatusUnauthorized && token != "" && canResend(req) && t.credential.Refused(req.Context(), token)
}

// sendOnce sends the request for the n-th time and reads the answer to its end.
func (t *retryTransport) sendOnce(req *http.Request, token string, n int) (*http.Response, []byte, error) {
	ctx, cancel := context.WithTimeoutCause(req.Context(), tryTimeout, errSlow)
	defer cancel()
	out := req.Clone(requests.WithAttempt(ctx, n))
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return nil, nil, fmt.Errorf("repeating the request's body: %w", err)
		}
		out.Body = body
	}
	out.Header.Set("User-Agent", t.userAgent)
	out.Header.Set("X-Github-Api-Version", "2022-11-28")
	out.Header.Del("Authorization")
	if token != "" {
		out.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := t.base.RoundTrip(out)
	if err != nil {
		return nil, nil, cmp.Or(context.Cause(ctx), err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the answer: %w", cmp.Or(context.Cause(ctx), err))
	}
	return res, body, nil
}

// retryDelay returns the wait before the request is repeated and the reason, which is empty when it must not be.
func (t *retryTransport) retryDelay(req *http.Request, res *http.Response, body []byte, err error, n int) (time.Duration, string) {
	switch {
	case req.Context().Err() != nil:
		return 0, ""
	case err == nil && isRateLimited(res, body):
		// Spread by some seconds: all that were refused get the same moment.
		spread := time.Duration(t.pause.Jitter() * float64(2*time.Second))
		return limitWait(res, t.clock.Now(), n) + spread, "GitHub limits the rate of requests"
	case !isIdempotent(req):
		return 0, ""
	case err != nil:
		return t.pause.Before(n), "GitHub did not answer"
	case res.StatusCode == http.StatusOK && failedInside(body):
		return t.pause.Before(n), "GitHub failed inside"
	case isTransient(res.StatusCode):
		asked, _ := backoff.RetryAfter(res.Header, t.clock.Now())
		return max(asked, t.pause.Before(n)), "GitHub answered " + res.Status
	}
	return 0, ""
}

// isTransient reports whether a status says that the server failed at this request, this time.
func isTransient(status int) bool {
	return status >= http.StatusInternalServerError && status != http.StatusNotImplemented
}

// fitsDeadline reports whether ctx outlives the wait; a wait that cannot succeed is not begun.
func fitsDeadline(ctx context.Context, wait time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return !ok || time.Until(deadline) > wait
}
