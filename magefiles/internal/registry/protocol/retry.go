package protocol

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	remoteserrors "github.com/containerd/containerd/v2/core/remotes/errors"

	"github.com/xiilab/astrago-ci/magefiles/internal/backoff"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/answer"
	"github.com/xiilab/astrago-ci/magefiles/internal/telemetry"
	"github.com/xiilab/astrago-ci/magefiles/internal/telemetry/requests"
)

// Attempts is the total number of attempts at one operation on a registry, some 15 seconds with the pauses between.
const Attempts = 5

// Retry runs an operation until it succeeds, fails for good, or was tried often enough. Each attempt must start from
// nothing, with a resolver of its own. The operation's context ends with the attempt, which also ends the request that a
// pusher may have left behind.
func (c *Client) Retry(ctx context.Context, operation func(context.Context) error) error {
	for attempt := 1; ; attempt++ {
		err := runAttempt(requests.WithAttempt(ctx, attempt), operation)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err == nil || attempt == Attempts || !isTransient(err) {
			return err
		}
		pause := retryBackoff.Before(attempt)
		telemetry.Debug(ctx, "waiting to try again", slog.String("at", "the registry"), slog.Int("attempt", attempt+1),
			telemetry.Seconds(pause), slog.String("error", telemetry.WithoutQueries(err.Error())))
		if err := c.sleep(ctx, pause); err != nil {
			return err
		}
	}
}

var errOver = errors.New("the attempt is over")

func runAttempt(ctx context.Context, operation func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(errOver)
	return operation(ctx)
}

// retryBackoff are a second, doubled each time, of which a random half is left out: several pushes that failed together do not
// come back together.
var retryBackoff = backoff.Exponential{First: time.Second, Longest: time.Minute, Jitter: func() float64 { return (1 + rand.Float64()) / 2 }}

// ErrLost is a tag that was accepted and is not there, or not yet.
var ErrLost = errors.New("the registry accepted the tag and does not have it")

// Pause waits as long as before a repetition of an operation that was tried so often.
func (c *Client) Pause(ctx context.Context, attempt int) error {
	return c.sleep(ctx, retryBackoff.Before(attempt))
}

// isTransient reports whether a failure may pass: the registry is busy or broken for a moment, or the connection was.
func isTransient(err error) bool {
	if status, ok := errors.AsType[remoteserrors.ErrUnexpectedStatus](err); ok {
		return IsTransientStatus(status)
	}
	switch {
	case errors.Is(err, ErrLost):
		return true
	case errors.Is(err, context.Canceled), isLasting(err):
		return false
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.ErrClosedPipe):
		return true
	}
	// What net/http reports is the connection: cut, reset, gone away, timed out, in words that differ by protocol.
	_, ok := errors.AsType[*url.Error](err)
	return ok
}

// isLasting reports whether a failure of a connection is the same the next time: a wrong name or port, no trust.
func isLasting(err error) bool {
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return dns.IsNotFound
	}
	_, plain := errors.AsType[tls.RecordHeaderError](err)
	return plain || LeavesTLS(err) || problem.As(err) != nil || WantsCertificate(err) || errors.Is(err, syscall.ECONNREFUSED) ||
		errors.Is(err, http.ErrSchemeMismatch) || IsCertificate(err)
}

// IsTransientStatus reports whether an answer of failure may be another one the next time.
func IsTransientStatus(status remoteserrors.ErrUnexpectedStatus) bool {
	switch status.StatusCode {
	case http.StatusRequestTimeout, http.StatusTooManyRequests:
		return true
	case http.StatusNotImplemented, http.StatusHTTPVersionNotSupported:
		return false
	}
	if forgotUpload(status) || wasReading(status) {
		return true
	}
	return status.StatusCode >= http.StatusInternalServerError
}

// forgotUpload reports whether a registry has lost an upload session, as ghcr.io does at times; the next attempt opens another.
func forgotUpload(status remoteserrors.ErrUnexpectedStatus) bool {
	lost := status.StatusCode == http.StatusNotFound && status.RequestMethod == http.MethodPut &&
		strings.Contains(status.RequestURL, "/blobs/uploads/")
	return lost || answer.Code(status.Body) == "BLOB_UPLOAD_UNKNOWN"
}

// wasReading reports whether distribution 2 has read a file of its own while another request wrote it: it then finds no
// digest in it, and says so of the manifest that was put.
func wasReading(status remoteserrors.ErrUnexpectedStatus) bool {
	return status.StatusCode == http.StatusBadRequest && strings.Contains(status.RequestURL, "/manifests/") &&
		answer.Code(status.Body) == "DIGEST_INVALID"
}

// IsCertificate reports whether a connection failed because of the certificate of the other side.
func IsCertificate(err error) bool {
	verification, hostname, invalid := (*tls.CertificateVerificationError)(nil), x509.HostnameError{}, x509.CertificateInvalidError{}
	return errors.As(err, &verification) || errors.As(err, &hostname) || errors.As(err, &invalid)
}

// WantsCertificate reports whether a server has ended a handshake because of the certificate of this side, or for want of one. Such
// alerts have no type of their own (crypto/tls).
func WantsCertificate(err error) bool {
	refused, ok := errors.AsType[*net.OpError](err)
	return ok && refused.Op == "remote error" && strings.Contains(refused.Err.Error(), "certificate")
}

// LeavesTLS reports whether a registry led from https to a host without TLS, and was not followed.
func LeavesTLS(err error) bool {
	_, ok := errors.AsType[cleartextError](err)
	return ok
}
