package protocol

import (
	"context"
	"net/http"
	"net/http/httptest"
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
			client := &http.Client{Transport: &pacedTransport{next: NewTransport(), limit: answerTime, sleep: func(_ context.Context, d time.Duration) error {
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
