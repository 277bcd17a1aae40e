package telemetry

import (
	"errors"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
)

// TestSpanIsBelowThatOfItsContext, of its kind, and failed where what it spans has failed.
func TestSpanIsBelowThatOfItsContext(t *testing.T) {
	for name, test := range map[string]struct {
		client bool
		err    error
	}{"internal": {}, "client": {client: true}, "failed": {err: errors.New("no answer")}, "failed client": {true, errors.New("no answer")}} {
		recorder := tracetest.NewSpanRecorder()
		provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))
		ctx, root := provider.Tracer("test").Start(t.Context(), "root")
		begin, kind := Start, trace.SpanKindInternal
		if test.client {
			begin, kind = StartClient, trace.SpanKindClient
		}
		inside, span := begin(ctx, "step", attribute.String("astrago.component", "core"))
		if trace.SpanFromContext(inside) != span {
			t.Errorf("%s: what it spans is not within it", name)
		}
		End(span, test.err)
		ended := recorder.Ended()
		if len(ended) != 1 {
			t.Fatalf("%s: %d spans have ended", name, len(ended))
		}
		got := ended[0]
		if got.Name() != "step" || got.SpanKind() != kind || got.Parent().SpanID() != root.SpanContext().SpanID() ||
			got.InstrumentationScope().Name != Scope || len(got.Attributes()) != 1 {
			t.Errorf("%s: %+v", name, got)
		}
		want := sdktrace.Status{}
		if test.err != nil {
			want = sdktrace.Status{Code: codes.Error, Description: test.err.Error()}
		}
		if got.Status() != want {
			t.Errorf("%s: status %+v", name, got.Status())
		}
	}
}

// TestWithoutATraceNothingIsRecorded: a step outside of a trace begins none of its own.
func TestWithoutATraceNothingIsRecorded(t *testing.T) {
	ctx, span := Start(t.Context(), "step")
	if ctx != t.Context() || span.IsRecording() || span.SpanContext().IsValid() {
		t.Errorf("a span %+v", span.SpanContext())
	}
	End(span, errors.New("failed"))
}
