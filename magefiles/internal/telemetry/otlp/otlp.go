// Package otlp sends spans to a collector by the OpenTelemetry Protocol (https://opentelemetry.io/docs/specs/otlp/).
//
// It stands in for the SDK's own exporters, which read the environment themselves, tell failures on standard error, and
// repeat them for up to a minute.
package otlp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// Protocols of the collector, as OTEL_EXPORTER_OTLP_PROTOCOL names them.
const (
	HTTP = "http/protobuf"
	GRPC = "grpc"
)

const (
	sendTime  = 5 * time.Second // for one batch while the run goes on
	flushTime = 2 * time.Second // for what is left when it ends
	lastTime  = time.Second     // the same of a cancelled run, which is to end soon
)

// Config says where spans go. Only Endpoint is required.
type Config struct {
	Endpoint string              // URL of the collector; for HTTP, /v1/traces is added to it
	Protocol string              // HTTP by default, which is the specification's own default
	Headers  map[string]string   // sent with every batch, such as a token
	Version  string              // of this project, for the spans' resource
	Redact   func(string) string // masks secrets in every text of every span; nil masks none
}

// Exporter makes spans and sends them, in batches while the run goes on. Only Close reports errors.
type Exporter struct {
	provider *sdktrace.TracerProvider
	sender   *spanSender
}

// Open makes an Exporter; nothing is sent or connected yet.
func Open(c Config) (*Exporter, error) {
	endpoint, err := url.Parse(c.Endpoint)
	if err != nil || endpoint.Host == "" || endpoint.Scheme != "http" && endpoint.Scheme != "https" {
		return nil, errors.New("the endpoint is not an http:// or https:// URL") // which may hold a password, so it is not quoted
	}
	var wire exportProtocol
	switch protocol := cmp.Or(c.Protocol, HTTP); protocol {
	case HTTP:
		wire = newHTTP(endpoint, c.Headers)
	case GRPC:
		wire, err = newGRPC(endpoint, c.Headers)
	default:
		err = fmt.Errorf("the protocol %q is not known here, use %s or %s", protocol, HTTP, GRPC)
	}
	if err != nil {
		return nil, err
	}
	s := &spanSender{wire: wire, redact: c.Redact}
	return &Exporter{sender: s, provider: sdktrace.NewTracerProvider(
		sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.AlwaysSample())),
		sdktrace.WithResource(newResource(c.Version)),
		sdktrace.WithBatcher(otlptrace.NewUnstarted(s), sdktrace.WithExportTimeout(sendTime)),
	)}, nil
}

// Close sends what is left, for at most two seconds, and gives the first failure of all batches. A cancelled run, whose ctx has
// ended, is a trace, too.
func (e *Exporter) Close(ctx context.Context) error {
	limit := flushTime
	if ctx.Err() != nil {
		limit = lastTime
	}
	ctx, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), limit, fmt.Errorf("no answer within %s", limit))
	defer cancel()
	if err := e.provider.Shutdown(ctx); err != nil && ctx.Err() != nil {
		e.sender.recordFailure(context.Cause(ctx))
	}
	return errors.Join(e.sender.failureError(), e.sender.wire.close())
}

// newResource describes this program. What OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME say wins; the SDK reads them.
func newResource(version string) *resource.Resource {
	own := resource.NewSchemaless(attribute.String("service.name", "astrago-ci"), attribute.String("service.version", version))
	merged, err := resource.Merge(own, resource.Environment())
	if err != nil { // two schemas, which schemaless attributes do not have
		return own
	}
	return merged
}
