package otlp

import (
	"cmp"
	"context"
	"sync"

	coltracepb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/telemetry"
)

// exportProtocol is one protocol of a collector.
type exportProtocol interface {
	send(ctx context.Context, request *coltracepb.ExportTraceServiceRequest) error
	close() error
}

// spanSender is an otlptrace.Client that redacts, and keeps the first failure. After that it sends nothing more: a collector that
// is not there must not cost each batch its time again.
type spanSender struct {
	wire   exportProtocol
	redact func(string) string

	mu    sync.Mutex
	first error
}

// Start implements otlptrace.Client.
func (s *spanSender) Start(context.Context) error { return nil }

// Stop implements otlptrace.Client.
func (s *spanSender) Stop(context.Context) error { return nil }

// UploadTraces implements otlptrace.Client. It gives no error, as the SDK would write it to standard error.
func (s *spanSender) UploadTraces(ctx context.Context, spans []*tracepb.ResourceSpans) error {
	if s.failureError() == nil {
		redactSpans(spans, s.mask)
		s.send(ctx, spans)
	}
	return nil
}

func (s *spanSender) send(ctx context.Context, spans []*tracepb.ResourceSpans) {
	if err := s.wire.send(ctx, &coltracepb.ExportTraceServiceRequest{ResourceSpans: spans}); err != nil {
		s.recordFailure(cmp.Or(context.Cause(ctx), err))
	}
}

// mask also takes out queries: containerd's and BuildKit's own spans hold addresses as they were asked.
func (s *spanSender) mask(text string) string {
	text = telemetry.WithoutQueries(text)
	if s.redact != nil {
		text = s.redact(text)
	}
	return text
}

func (s *spanSender) recordFailure(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.first = cmp.Or(s.first, err)
}

func (s *spanSender) failureError() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.first
}
