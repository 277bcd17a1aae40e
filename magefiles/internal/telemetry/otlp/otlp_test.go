package otlp_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/xiilab/astrago-ci/magefiles/internal/telemetry"
	"github.com/xiilab/astrago-ci/magefiles/internal/telemetry/otlp"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/collector"
)

func receiver(t *testing.T) *collector.Server {
	t.Helper()
	server, err := collector.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return server
}

// run makes a trace of two spans in a context that has ended at its end, as that of a cancelled run has.
func run(t *testing.T, c otlp.Config) error {
	t.Helper()
	exporter, err := otlp.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ctx, root := exporter.Start(ctx, "root", "", "")
	_, child := telemetry.Start(ctx, "child", attribute.String("text", "the token is hidden"), attribute.StringSlice("list", []string{"hidden"}))
	child.AddEvent("hidden", trace.WithAttributes(attribute.String("e", "GET https://host/blob?sig=signature failed")))
	telemetry.End(child, errors.New("hidden failed"))
	telemetry.End(root, nil)
	cancel()
	return exporter.Close(ctx)
}

func TestBothProtocols(t *testing.T) {
	server := receiver(t)
	for protocol, endpoint := range map[string]string{"": server.URL() + "/", otlp.HTTP: server.URL(), otlp.GRPC: server.GRPC()} {
		before := len(server.Spans())
		err := run(t, otlp.Config{
			Endpoint: endpoint, Protocol: protocol, Headers: map[string]string{"X-Token": protocol + "1"},
			Redact: func(s string) string { return strings.ReplaceAll(s, "hidden", "***") },
		})
		spans := server.Spans()[before:]
		if err != nil || len(spans) != 2 || server.Header("x-token") != protocol+"1" {
			t.Fatalf("%q: %v, %+v, header %q", protocol, err, spans, server.Header("x-token"))
		}
		child, root := spans[0], spans[1]
		if child.Parent != root.ID || child.Trace != root.Trace || root.Parent != "" || root.Failed || root.Service != "astrago-ci" {
			t.Errorf("%q: %+v", protocol, spans)
		}
		if !child.Failed || child.Message != "*** failed" || child.Attributes["text"] != "the token is ***" {
			t.Errorf("%q: %+v", protocol, child)
		}
	}
	if raw := server.Raw(); strings.Contains(raw, "hidden") || strings.Contains(raw, "signature") || !strings.Contains(raw, "https://host/blob failed") {
		t.Errorf("what was sent is not masked: %q", raw)
	}
}

func TestABusyCollectorIsAskedAgain(t *testing.T) {
	server := receiver(t)
	server.Answer(http.StatusServiceUnavailable, http.StatusTooManyRequests)
	if err := run(t, otlp.Config{Endpoint: server.URL()}); err != nil || len(server.Spans()) != 2 {
		t.Errorf("%v, %+v", err, server.Spans())
	}
	server.Answer(http.StatusUnauthorized)
	if err := run(t, otlp.Config{Endpoint: server.URL()}); err == nil || !strings.Contains(err.Error(), "401 Unauthorized") || len(server.Spans()) != 2 {
		t.Errorf("%v, %+v", err, server.Spans())
	}
}

// TestACollectorThatIsNotThere refuses connections, or takes them and says nothing.
func TestACollectorThatIsNotThere(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0") // the kernel takes connections, nobody reads
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	for name, test := range map[string]struct{ protocol, endpoint, want string }{
		"refused over HTTP": {otlp.HTTP, "http://127.0.0.1:1", "refused"},
		"refused over gRPC": {otlp.GRPC, "http://127.0.0.1:1", "refused"},
		"silent over HTTP":  {otlp.HTTP, "http://" + silent.Addr().String(), "no answer within 1s"},
		"silent over gRPC":  {otlp.GRPC, "http://" + silent.Addr().String(), "no answer within 1s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := run(t, otlp.Config{Endpoint: test.endpoint, Protocol: test.protocol}); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestSettingsThatAreRefused(t *testing.T) {
	for _, c := range []otlp.Config{
		{Endpoint: "localhost:4318"}, {Endpoint: "ftp://localhost"}, {Endpoint: "http://user:pass word@"}, {Endpoint: "http://localhost:1", Protocol: "http/json"},
	} {
		if _, err := otlp.Open(c); err == nil || strings.Contains(err.Error(), "pass") {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestTheTraceOfTheParentGoesOn(t *testing.T) {
	const trace, span = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
	for flags, want := range map[string]int{"01": 1, "00": 0} { // 00: whoever began it keeps nothing of it
		server := receiver(t)
		exporter, err := otlp.Open(otlp.Config{Endpoint: server.URL()})
		if err != nil {
			t.Fatal(err)
		}
		ctx, root := exporter.Start(t.Context(), "root", "00-"+trace+"-"+span+"-"+flags, "vendor=x")
		if got := otlp.Traceparent(ctx); !strings.HasPrefix(got, "00-"+trace+"-") || strings.Contains(got, span) {
			t.Errorf("children get %q", got)
		}
		root.End()
		err = exporter.Close(t.Context())
		spans := server.Spans()
		if err != nil || len(spans) != want || want == 1 && (spans[0].Trace != trace || spans[0].Parent != span) {
			t.Errorf("flags %s: %v, %+v", flags, err, spans)
		}
	}
	if got := otlp.Traceparent(t.Context()); got != "" {
		t.Errorf("without a trace there is %q", got)
	}
}
