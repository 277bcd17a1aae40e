// Package telemetry gives operators a view into a run: spans of OpenTelemetry and records of a log. Both travel in the context, so that a
// room needs no option for them, and both cost next to nothing where neither is wanted.
//
// Names of attributes follow OpenTelemetry's semantic conventions; those of this project begin with "astrago.".
package telemetry

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// Scope names the instrumentation in every span.
const Scope = "github.com/xiilab/astrago-ci"

// Start starts a span below that of the context. Where there is none, the span does nothing.
func Start(ctx context.Context, name string, attributes ...attribute.KeyValue) (context.Context, trace.Span) {
	return start(ctx, name, trace.SpanKindInternal, attributes...)
}

// StartClient is Start for a span that ends with another program's answer.
func StartClient(ctx context.Context, name string, attributes ...attribute.KeyValue) (context.Context, trace.Span) {
	return start(ctx, name, trace.SpanKindClient, attributes...)
}

func start(ctx context.Context, name string, kind trace.SpanKind, attributes ...attribute.KeyValue) (context.Context, trace.Span) {
	parent := trace.SpanFromContext(ctx)
	if !parent.SpanContext().IsValid() {
		return ctx, parent
	}
	return parent.TracerProvider().Tracer(Scope).Start(ctx, name, trace.WithSpanKind(kind), trace.WithAttributes(attributes...))
}

// End ends a span, as failed where err is not nil.
func End(span trace.Span, err error) {
	if err != nil {
		span.SetStatus(codes.Error, err.Error())
	}
	span.End()
}
