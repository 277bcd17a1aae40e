package otlp

import (
	"context"
	"crypto/tls"
	"errors"
	"net/url"
	"strings"

	coltracepb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// grpcWire speaks OTLP/gRPC.
type grpcWire struct {
	connection *grpc.ClientConn
	client     coltracepb.TraceServiceClient
	metadata   metadata.MD
}

// newGRPC connects with the first batch. The scheme of the endpoint says whether there is TLS; its path means nothing. gRPC knows no
// redirects, so that the headers reach the endpoint alone; an answer is bounded as it is over HTTP, and what the domain's TXT
// records say of how to call the service is not asked for.
func newGRPC(endpoint *url.URL, headers map[string]string) (*grpcWire, error) {
	trust := insecure.NewCredentials()
	if endpoint.Scheme == "https" {
		trust = credentials.NewTLS(&tls.Config{MinVersion: tls.VersionTLS12})
	}
	address := endpoint.Host
	if endpoint.Port() == "" {
		address += ":4317" // IANA's port for OTLP/gRPC
	}
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(trust), grpc.WithDisableServiceConfig(),
		grpc.WithMaxHeaderListSize(maxAnswer), grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxAnswer)))
	if err != nil {
		return nil, err
	}
	w := &grpcWire{connection: connection, client: coltracepb.NewTraceServiceClient(connection), metadata: metadata.MD{}}
	for name, value := range headers {
		w.metadata.Set(strings.ToLower(name), value)
	}
	return w, nil
}

func (w *grpcWire) send(ctx context.Context, request *coltracepb.ExportTraceServiceRequest) error {
	_, err := w.client.Export(metadata.NewOutgoingContext(ctx, w.metadata), request)
	if err != nil {
		return errors.New(status.Convert(err).Message())
	}
	return nil
}

func (w *grpcWire) close() error { return w.connection.Close() }
