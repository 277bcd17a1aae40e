package requests_test

import (
	"bytes"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/redact"
	"github.com/xiilab/astrago-ci/magefiles/internal/telemetry"
	"github.com/xiilab/astrago-ci/magefiles/internal/telemetry/otlp"
	"github.com/xiilab/astrago-ci/magefiles/internal/telemetry/requests"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/collector"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const secret = "s3cret-of-the-server"

// server answers with secrets wherever an answer can have them.
func server(t *testing.T) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "https://storage.example.com/blob?sig="+secret)
		w.Header().Set("Set-Cookie", "session="+secret)
		w.Header().Set("Retry-After", "2")
		if r.URL.Path == "/busy" {
			w.WriteHeader(http.StatusTooManyRequests)
		}
		_, _ = io.WriteString(w, "body")
	}))
	t.Cleanup(s.Close)
	return s
}

func get(t *testing.T, request *http.Request) {
	t.Helper()
	request.Header.Set("Authorization", "Bearer "+secret)
	request.Header.Set("Accept", "application/json")
	client := &http.Client{Transport: requests.Transport(http.DefaultTransport)}
	response, err := client.Do(request)
	if err != nil {
		return
	}
	defer response.Body.Close()
	if _, err := io.ReadAll(response.Body); err != nil {
		t.Error(err)
	}
}

// changing matches the parts that differ between two runs.
var changing = regexp.MustCompile(`127\.0\.0\.1:\d+|"?[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9:]+)"?|[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]+ GMT|(seconds"?[=:])[0-9.e-]+|(_id"?[=:]"?)[0-9a-f]+`)

// TestLog holds the records of requests against golden files, in both forms. No secret is in them, whether the redactor knows
// it or not: here it knows none.
func TestLog(t *testing.T) {
	s := server(t)
	for name, json := range map[string]bool{"text": false, "json": true} {
		t.Run(name, func(t *testing.T) {
			traces, err := collector.Start(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(traces.Close)
			exporter, err := otlp.Open(otlp.Config{Endpoint: traces.URL(), Redact: redact.New().String})
			if err != nil {
				t.Fatal(err)
			}
			var log bytes.Buffer
			ctx, span := exporter.Start(t.Context(), "test", "", "")
			ctx = telemetry.WithLogger(ctx, telemetry.NewLogger(&log, telemetry.LogOptions{Level: slog.LevelDebug, JSON: json}))
			for n, address := range []string{s.URL + "/v2/?token=" + secret, s.URL + "/busy?sig=" + secret, "http://127.0.0.1:1/gone?sig=" + secret} {
				request, err := http.NewRequestWithContext(requests.WithAttempt(ctx, n+1), http.MethodGet, address, http.NoBody)
				if err != nil {
					t.Fatal(err)
				}
				get(t, request)
			}
			span.End()
			if err := exporter.Close(t.Context()); err != nil {
				t.Error(err)
			}
			for place, text := range map[string]string{"the log": log.String(), "the trace": traces.Raw()} {
				if strings.Contains(text, secret) {
					t.Errorf("a secret shows in %s:\n%s", place, text)
				}
			}
			compare(t, name, changing.ReplaceAllString(log.String(), "${2}${3}…"))
			wantSpans(t, traces.Spans())
		})
	}
}

func compare(t *testing.T, name, got string) {
	t.Helper()
	golden := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the log is not that of %s (-update):\n%s", golden, got)
	}
}

func wantSpans(t *testing.T, spans []collector.Span) {
	t.Helper()
	if len(spans) != 4 || spans[3].Name != "test" {
		t.Fatalf("%+v", spans)
	}
	for i, want := range []map[string]string{
		{"http.request.method": "GET", "http.response.status_code": "200", "server.address": "127.0.0.1", "error.type": "", "http.request.resend_count": ""},
		{"http.response.status_code": "429", "error.type": "429", "http.request.resend_count": "1"},
		{"http.response.status_code": "", "error.type": "connection", "url.full": "http://127.0.0.1:1/gone", "server.port": "1"},
	} {
		span := spans[i]
		if span.Parent != spans[3].ID || span.Name != "GET" || span.Failed != (i > 0) {
			t.Errorf("%+v", span)
		}
		for key, value := range want {
			if span.Attributes[key] != value {
				t.Errorf("request %d: %s is %q, want %q", i, key, span.Attributes[key], value)
			}
		}
	}
}

// TestNobodyLooks passes the request on as it is.
func TestNobodyLooks(t *testing.T) {
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server(t).URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	var got *http.Request
	next := roundTripper(func(r *http.Request) (*http.Response, error) {
		got = r
		return http.DefaultTransport.RoundTrip(r)
	})
	response, err := requests.Transport(next).RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if got != request {
		t.Error("the request was copied")
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
