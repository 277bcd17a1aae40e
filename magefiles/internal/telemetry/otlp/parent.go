package otlp

import (
	"context"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/xiilab/astrago-ci/magefiles/internal/telemetry"
)

// Start starts the first span of a run. traceparent and tracestate are the W3C's headers of a trace that goes on here
// (https://www.w3.org/TR/trace-context/); where they are empty or malformed the trace is a new one.
func (e *Exporter) Start(ctx context.Context, name, traceparent, tracestate string) (context.Context, trace.Span) {
	carrier := propagation.MapCarrier{"traceparent": traceparent, "tracestate": tracestate}
	ctx = propagation.TraceContext{}.Extract(ctx, carrier)
	return e.provider.Tracer(telemetry.Scope).Start(ctx, name)
}

// Traceparent is the context's span in the same form, for programs that are started below it; empty where there is none.
func Traceparent(ctx context.Context) string {
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	return carrier["traceparent"]
}
