package registry

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestPaced(t *testing.T) {
	for name, test := range map[string]struct {
		status   int
		after    string
		min, max time.Duration
	}{
		"fine":               {200, "", 0, 0},
		"fine with a header": {200, "9", 0, 0},
		"429":                {429, "9", 9 * time.Second, 9 * time.Second},
		"429 without":        {429, "", time.Second, 2 * time.Second},
		"429 for too long":   {429, "86400", maxPause, maxPause},
		"503":                {503, "9", 9 * time.Second, 9 * time.Second},
		"503 without":        {503, "", 0, 0},
		"502":                {502, "9", 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", test.after)
				w.WriteHeader(test.status)
			}))
			defer server.Close()
			var waited time.Duration
			client := &http.Client{Transport: &paced{next: newTransport(), limit: answerTime, sleep: func(_ context.Context, d time.Duration) error {
				waited += d
				return nil
			}}}
			request, err := http.NewRequestWithContext(t.Context(), http.MethodHead, server.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			response, err := client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			if response.StatusCode != test.status || waited < test.min || waited > test.max {
				t.Errorf("%d after %v, want %d after %v to %v", response.StatusCode, waited, test.status, test.min, test.max)
			}
		})
	}
}

// A registry that takes requests and never answers: the client gives up, though it is patient with large uploads.
func TestPacedEndsWithoutAnswer(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer server.Close()
	client := New(Options{Sleep: func(context.Context, time.Duration) error { return nil }})
	client.http.Transport = &paced{next: newTransport(), limit: 10 * time.Millisecond, sleep: client.sleep}
	_, err := client.Resolve(t.Context(), server.Listener.Addr().String()+"/acme/a:1")
	if err == nil || !strings.Contains(err.Error(), "no answer after 10ms") || !strings.Contains(err.Error(), "did not answer in time") {
		t.Errorf("err = %v", err)
	}
}

func TestTransportSpeaksHTTP2(t *testing.T) {
	protocol := ""
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		protocol = r.Proto
		w.Header().Set("Docker-Content-Digest", "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a")
		w.Header().Set("Content-Length", "2")
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	transport, roots := newTransport(), x509.NewCertPool()
	roots.AddCert(server.Certificate())
	transport.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	client := New(Options{Transport: transport, PlainHTTP: func(string) bool { return false }})
	if _, err := client.Resolve(t.Context(), server.Listener.Addr().String()+"/acme/a:1"); err != nil {
		t.Fatal(err)
	}
	if protocol != "HTTP/2.0" {
		t.Errorf("spoke %s", protocol)
	}
}
