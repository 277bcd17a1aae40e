package otlp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	coltracepb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/xiilab/astrago-ci/magefiles/internal/backoff"
	"github.com/xiilab/astrago-ci/magefiles/internal/transport"
)

// firstPause is the pause before a batch is repeated, where the collector names none; each next one is twice as long.
const firstPause = 200 * time.Millisecond

// maxAnswer bounds a collector's answer, in bytes.
const maxAnswer = 64 << 10

// httpWire speaks OTLP/HTTP with protobuf.
type httpWire struct {
	client  *http.Client
	address string
	headers map[string]string
}

func newHTTP(endpoint *url.URL, headers map[string]string) *httpWire {
	base := &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 1}
	return &httpWire{
		client: &http.Client{
			Transport: transport.New(transport.Options{Base: base, MaxBody: maxAnswer}),
			// The headers hold a token of the collector's, for it alone.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		address: endpoint.JoinPath("v1", "traces").String(), headers: headers,
	}
}

// send repeats what the collector is too busy for, as long as ctx lets it. A collector that cannot be reached is not asked
// again.
func (w *httpWire) send(ctx context.Context, request *coltracepb.ExportTraceServiceRequest) error {
	data, err := proto.Marshal(request)
	if err != nil {
		return err
	}
	for pause := firstPause; ; pause *= 2 {
		wait, err := w.post(ctx, data)
		if err == nil || wait < 0 {
			return err
		}
		if backoff.Sleep(ctx, max(wait, pause)) != nil {
			return err
		}
	}
}

// post sends a batch once. Where it fails temporarily, wait is the time that the collector asks for; where it fails permanently, wait is
// -1.
func (w *httpWire) post(ctx context.Context, data []byte) (wait time.Duration, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.address, bytes.NewReader(data))
	if err != nil {
		return -1, err
	}
	for name, value := range w.headers {
		request.Header.Set(name, value)
	}
	request.Header.Set("Content-Type", "application/x-protobuf")
	response, err := w.client.Do(request)
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return -1, wrapped.Err // its address is the reader's own setting
	}
	if err != nil {
		return -1, err
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body)
	switch response.StatusCode {
	case http.StatusOK, http.StatusAccepted:
		return 0, nil
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		wait, _ = backoff.RetryAfter(response.Header, time.Now())
	default:
		wait = -1
	}
	return wait, fmt.Errorf("the collector answered %s", response.Status)
}

func (w *httpWire) close() error {
	w.client.CloseIdleConnections()
	return nil
}
