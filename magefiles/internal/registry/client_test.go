package registry_test

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/protocol"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

// A registry that takes requests and never answers: the client gives up, though it is patient with large uploads.
func TestARequestEndsWithoutAnswer(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer server.Close()
	client := registry.New(registry.Options{Patience: 10 * time.Millisecond, Sleep: noSleep})
	_, err := client.Resolve(t.Context(), refs.Image(server.Listener.Addr().String()+"/acme/a:1"))
	if err == nil || !strings.Contains(err.Error(), "no answer after 10ms") || !strings.Contains(err.Error(), "did not answer in time") {
		t.Errorf("err = %v", err)
	}
}

func TestTransportSpeaksHTTP2(t *testing.T) {
	spoken := ""
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		spoken = r.Proto
		w.Header().Set("Docker-Content-Digest", "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a")
		w.Header().Set("Content-Length", "2")
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	transport, roots := protocol.NewTransport(), x509.NewCertPool()
	roots.AddCert(server.Certificate())
	transport.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	client := registry.New(registry.Options{Transport: transport, Machine: overTLS(t, server.Listener.Addr().String())})
	if _, err := client.Resolve(t.Context(), refs.Image(server.Listener.Addr().String()+"/acme/a:1")); err != nil {
		t.Fatal(err)
	}
	if spoken != "HTTP/2.0" {
		t.Errorf("spoke %s", spoken)
	}
}
