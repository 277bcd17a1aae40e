// Package collector receives traces as an OpenTelemetry collector does, by OTLP over HTTP and gRPC on loopback, and keeps
// them for a test.
package collector

import (
	"context"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"

	coltracepb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
)

// Server is running.
type Server struct {
	coltracepb.UnimplementedTraceServiceServer

	http     *httptest.Server
	grpc     *grpc.Server
	listener net.Listener

	mu      sync.Mutex
	spans   []Span
	raw     []byte
	headers map[string]string
	answers []int         // statuses of the next HTTP requests; 200 after them
	changed chan struct{} // closed when something was received, and then another
}

// Start begins to receive on free ports of 127.0.0.1. ctx bounds the start only.
func Start(ctx context.Context) (*Server, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{grpc: grpc.NewServer(), listener: listener, headers: map[string]string{}, changed: make(chan struct{})}
	coltracepb.RegisterTraceServiceServer(s.grpc, s)
	go func() { _ = s.grpc.Serve(listener) }() // it ends with Close
	s.http = httptest.NewServer(http.HandlerFunc(s.serve))
	return s, nil
}

// Close ends both servers.
func (s *Server) Close() {
	s.http.Close()
	s.grpc.Stop()
}

// URL is the endpoint for OTLP over HTTP.
func (s *Server) URL() string { return s.http.URL }

// GRPC is the endpoint for OTLP over gRPC.
func (s *Server) GRPC() string { return "http://" + s.listener.Addr().String() }

// Answer gives the statuses of the next HTTP requests, whose spans are refused.
func (s *Server) Answer(statuses ...int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers = statuses
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	data, err := io.ReadAll(r.Body)
	request := &coltracepb.ExportTraceServiceRequest{}
	switch {
	case err != nil:
		return // the client went away
	case r.Method != http.MethodPost || r.URL.Path != "/v1/traces":
		http.NotFound(w, r)
		return
	case r.Header.Get("Content-Type") != "application/x-protobuf" || proto.Unmarshal(data, request) != nil:
		http.Error(w, "this is no OTLP", http.StatusBadRequest)
		return
	}
	if status := s.next(); status != http.StatusOK {
		w.WriteHeader(status)
		return
	}
	headers := map[string]string{}
	for name := range r.Header {
		headers[strings.ToLower(name)] = r.Header.Get(name)
	}
	s.receive(request, data, headers)
	w.Header().Set("Content-Type", "application/x-protobuf")
}

func (s *Server) next() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.answers) == 0 {
		return http.StatusOK
	}
	status := s.answers[0]
	s.answers = s.answers[1:]
	return status
}

// Export implements the protocol's service.
func (s *Server) Export(ctx context.Context, request *coltracepb.ExportTraceServiceRequest) (*coltracepb.ExportTraceServiceResponse,
	error,
) {
	headers := map[string]string{}
	if sent, ok := metadata.FromIncomingContext(ctx); ok {
		for name, values := range sent {
			headers[name] = strings.Join(values, ", ")
		}
	}
	data, err := proto.Marshal(request)
	if err != nil {
		return nil, err
	}
	s.receive(request, data, headers)
	return &coltracepb.ExportTraceServiceResponse{}, nil
}

func (s *Server) receive(request *coltracepb.ExportTraceServiceRequest, data []byte, headers map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.raw = append(s.raw, data...)
	s.spans = append(s.spans, spans(request)...)
	maps.Copy(s.headers, headers)
	close(s.changed)
	s.changed = make(chan struct{})
}

// Spans returns what was received so far.
func (s *Server) Spans() []Span {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.spans)
}

// Raw returns every message that was received, in which texts stand as they are.
func (s *Server) Raw() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.raw)
}

// Header returns a header of the requests, by its name in lower case.
func (s *Server) Header(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.headers[name]
}

// Until waits for spans of which enough is true. It gives the cause of the context's end where that comes first.
func (s *Server) Until(ctx context.Context, enough func([]Span) bool) error {
	for {
		s.mu.Lock()
		received, changed := slices.Clone(s.spans), s.changed
		s.mu.Unlock()
		if enough(received) {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
