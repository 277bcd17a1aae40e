package otlp_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	coltracepb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/xiilab/astrago-ci/magefiles/internal/telemetry/otlp"
)

const flood = 8 << 20

// flooding is a collector over gRPC that answers with more than anybody wants to read.
type flooding struct {
	coltracepb.UnimplementedTraceServiceServer

	failure bool
}

func (f flooding) Export(context.Context, *coltracepb.ExportTraceServiceRequest) (*coltracepb.ExportTraceServiceResponse, error) {
	if f.failure {
		return nil, status.Error(codes.PermissionDenied, strings.Repeat("x", 1<<20))
	}
	return &coltracepb.ExportTraceServiceResponse{PartialSuccess: &coltracepb.ExportTracePartialSuccess{ErrorMessage: strings.Repeat("x", 1<<20)}}, nil
}

// A collector that answers without end, or sends elsewhere, is read to the bound and not followed, in both protocols.
func TestAttackCollector(t *testing.T) {
	elsewhere := 0
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere++ }))
	t.Cleanup(other.Close)
	answers := map[string]http.HandlerFunc{
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
		},
		"endless": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			for range flood >> 16 {
				if _, err := io.WriteString(w, strings.Repeat("x", 1<<16)); err != nil {
					return
				}
			}
			t.Error("all was read")
		},
	}
	for name, answer := range answers {
		server := httptest.NewServer(answer)
		t.Cleanup(server.Close)
		if err := run(t, otlp.Config{Endpoint: server.URL, Headers: map[string]string{"X-Token": "secret"}}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if elsewhere > 0 {
		t.Error("another server was asked")
	}
	for _, failure := range []bool{true, false} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		server := grpc.NewServer()
		coltracepb.RegisterTraceServiceServer(server, flooding{failure: failure})
		go func() { _ = server.Serve(listener) }()
		t.Cleanup(server.Stop)
		err = run(t, otlp.Config{Endpoint: "http://" + listener.Addr().String(), Protocol: otlp.GRPC})
		if err == nil || len(err.Error()) > 1000 {
			t.Errorf("failure %t: an error of %d letters", failure, len(err.Error()))
		}
	}
}
