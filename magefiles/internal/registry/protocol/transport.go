package protocol

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/backoff"
)

// NewTransport returns a transport that differs from containerd's default where that fails real pushes: it speaks HTTP/2, keeps
// a connection for each parallel upload, notices a dead one, and gives a registry 10 minutes to answer the last byte of a large
// layer (ghcr.io's own limit for an upload; containerd's is 30 seconds, after which the push fails without a repetition).
func NewTransport() *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dialTCP,
		ForceAttemptHTTP2:     true,
		HTTP2:                 &http.HTTP2Config{SendPingTimeout: 30 * time.Second, PingTimeout: 15 * time.Second},
		MaxIdleConns:          64,
		MaxIdleConnsPerHost:   16,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   15 * time.Second,
		ExpectContinueTimeout: 5 * time.Second,
		ResponseHeaderTimeout: 10 * time.Minute,
	}
}

// maxPause bounds what a Retry-After may make us wait for a single request.
const maxPause = 2 * time.Minute

// answerTime is the time that a registry has to answer a request without content.
const answerTime = time.Minute

// pacedTransport holds back an answer of "too many requests" until the registry wants the next one, because containerd repeats
// the request the moment it gets the answer, up to five times. It also ends small requests that get no answer, long before
// the transport's patience with large layers does.
type pacedTransport struct {
	next  http.RoundTripper
	limit time.Duration // for the answer to a request without content
	sleep func(context.Context, time.Duration) error
}

func (p *pacedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	r, err := withBlobBody(r)
	if err != nil {
		return nil, err
	}
	response, err := p.awaitAnswer(r)
	if err != nil {
		return nil, err
	}
	resolveLocation(r, response)
	after, named := backoff.RetryAfter(response.Header, time.Now())
	switch response.StatusCode {
	case http.StatusTooManyRequests:
		if !named {
			after = time.Second + rand.N(time.Second)
		}
	case http.StatusServiceUnavailable, http.StatusRequestTimeout:
	default:
		return response, nil
	}
	if after <= 0 {
		return response, nil
	}
	if err := p.sleep(r.Context(), min(after, maxPause)); err != nil {
		_ = response.Body.Close()
		return nil, err
	}
	return response, nil
}

// resolveLocation makes the address in an answer an absolute one (RFC 9110, section 10.2.2): it is relative to what was asked,
// which after a redirect is another host than the one that containerd takes it for.
func resolveLocation(r *http.Request, response *http.Response) {
	location := response.Header.Get("Location")
	if location == "" {
		return
	}
	if address, err := r.URL.Parse(location); err == nil {
		response.Header.Set("Location", address.String())
	}
}

// awaitAnswer waits for the header, and as long again for the body, so that neither is without end where a registry sends a byte now
// and then.
func (p *pacedTransport) awaitAnswer(r *http.Request) (*http.Response, error) {
	if r.Body != nil && r.Body != http.NoBody {
		return p.next.RoundTrip(r)
	}
	ctx, cancel := context.WithCancelCause(r.Context())
	timer := time.AfterFunc(p.limit, func() { cancel(answerTimeout{p.limit}) })
	response, err := p.next.RoundTrip(r.WithContext(ctx))
	if err != nil || response.Body == nil || response.Body == http.NoBody {
		timer.Stop()
		return response, err
	}
	timer.Reset(p.limit)
	response.Body = &timedBody{ReadCloser: response.Body, timer: timer, ended: func() error { return context.Cause(ctx) }}
	return response, nil
}

// timedBody is a body whose reading fails once its timer has fired.
type timedBody struct {
	io.ReadCloser

	timer *time.Timer
	ended func() error // why reading has ended early, nil where it has not
}

// Read implements io.Reader.
func (t *timedBody) Read(p []byte) (int, error) {
	n, err := t.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = cmp.Or(t.ended(), err)
	}
	return n, err
}

// Close implements io.Closer.
func (t *timedBody) Close() error {
	t.timer.Stop()
	return t.ReadCloser.Close()
}

// answerTimeout is a timeout in the sense of net.Error.
type answerTimeout struct{ after time.Duration }

func (n answerTimeout) Error() string { return fmt.Sprintf("no answer after %v", n.after) }
func (n answerTimeout) Timeout() bool { return true }

// Temporary completes net.Error; nothing reads it.
func (n answerTimeout) Temporary() bool { return true }
