// Package requests makes the HTTP requests of a run visible: a span and a record of each.
package requests

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/xiilab/astrago-ci/magefiles/internal/telemetry"
)

// Transport makes every request that passes a span and a record. It belongs next to the wire, below whatever repeats
// requests or adds credentials: then each try is seen, and nothing that authenticates is read. Queries are never shown,
// because registries and storage sign their addresses there.
func Transport(next http.RoundTripper) http.RoundTripper { return transport{next} }

type transport struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper. The exchange ends with the answer's body.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx := r.Context()
	if !isObserved(ctx) {
		return t.next.RoundTrip(r)
	}
	// The headers are the last transport's to read once it has begun.
	sent := shownHeaders(r.Header)
	ctx, span := telemetry.StartClient(ctx, r.Method, requestAttributes(r)...)
	x := &exchange{ctx: ctx, span: span, method: r.Method, address: safeAddress(r.URL), sent: sent, began: time.Now()}
	response, err := t.next.RoundTrip(r.WithContext(ctx))
	if err != nil {
		x.end(err)
		return nil, err
	}
	x.recordAnswer(response)
	if response.Body == nil || response.Body == http.NoBody || r.Method == http.MethodHead {
		x.end(nil)
		return response, nil
	}
	response.Body = &observedBody{ReadCloser: response.Body, exchange: x}
	return response, nil
}

func isObserved(ctx context.Context) bool {
	return trace.SpanContextFromContext(ctx).IsValid() || telemetry.Logger(ctx).Enabled(ctx, slog.LevelInfo)
}

// requestAttributes returns what the conventions for HTTP clients ask for before the answer
// (https://opentelemetry.io/docs/specs/semconv/http/http-spans/).
func requestAttributes(r *http.Request) []attribute.KeyValue {
	attributes := []attribute.KeyValue{
		attribute.String("http.request.method", r.Method),
		attribute.String("url.full", safeAddress(r.URL)),
		attribute.String("server.address", r.URL.Hostname()),
	}
	if port, err := strconv.Atoi(r.URL.Port()); err == nil {
		attributes = append(attributes, attribute.Int("server.port", port))
	}
	if n := attemptNumber(r.Context()); n > 1 {
		attributes = append(attributes, attribute.Int("http.request.resend_count", n-1))
	}
	return attributes
}

// safeAddress is a URL without what may be secret in it.
func safeAddress(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}).String()
}

// exchange is one request with its answer.
type exchange struct {
	ctx             context.Context // with the span, which the record names
	span            trace.Span
	method, address string
	sent, received  []slog.Attr
	status          int // 0 until there is an answer
	began           time.Time
	once            sync.Once
}

func (x *exchange) recordAnswer(response *http.Response) {
	x.status, x.received = response.StatusCode, shownHeaders(response.Header)
	x.span.SetAttributes(attribute.Int("http.response.status_code", x.status))
	if x.status >= http.StatusBadRequest {
		x.span.SetStatus(codes.Error, "")
		x.span.SetAttributes(attribute.String("error.type", strconv.Itoa(x.status)))
	}
}

func (x *exchange) end(err error) {
	x.once.Do(func() {
		attrs := []slog.Attr{slog.String("method", x.method), slog.String("url", x.address)}
		if x.status != 0 {
			attrs = append(attrs, slog.Int("status", x.status))
		}
		attrs = append(attrs, telemetry.Seconds(time.Since(x.began)), slog.Int("attempt", attemptNumber(x.ctx)))
		if err != nil {
			attrs = append(attrs, slog.String("error", networkCause(err)))
			x.span.SetAttributes(attribute.String("error.type", failureKind(x.ctx, err)))
			x.span.SetStatus(codes.Error, networkCause(err))
		}
		telemetry.Info(x.ctx, "request", attrs...)
		telemetry.Debug(x.ctx, "headers", slog.String("method", x.method), slog.String("url", x.address),
			slog.GroupAttrs("sent", x.sent...), slog.GroupAttrs("received", x.received...))
		x.span.End()
	})
}

// networkCause is an error without the address that net/http may put around it.
func networkCause(err error) string {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	return telemetry.WithoutQueries(err.Error())
}

// failureKind is a failure's class, of which there are few.
func failureKind(ctx context.Context, err error) string {
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return "timeout"
	}
	if ctx.Err() != nil {
		return "cancelled"
	}
	return "connection"
}

// observedBody ends its exchange when it was read, was closed, or has failed.
type observedBody struct {
	io.ReadCloser
	exchange *exchange
}

// Read implements io.Reader.
func (b *observedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	switch {
	case errors.Is(err, io.EOF):
		b.exchange.end(nil)
	case err != nil:
		b.exchange.end(err)
	}
	return n, err
}

// Close implements io.Closer.
func (b *observedBody) Close() error {
	defer b.exchange.end(nil)
	return b.ReadCloser.Close()
}
