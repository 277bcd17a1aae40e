package github_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/github"
)

// TestTokenExpiry reads the header that GitHub sends with answers to personal access tokens
// (https://docs.github.com/en/rest/authentication/token-expiration-and-revocation).
func TestTokenExpiry(t *testing.T) {
	day := time.Date(2026, 12, 24, 13, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Time{
		"2026-12-24 13:00:00 UTC":   day,
		"2026-12-24 22:00:00 +0900": day,
		"":                          {},
		"soon":                      {},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/repos/acme/deployment" {
				t.Errorf("asked for %s", r.URL.Path)
			}
			if header != "" {
				w.Header().Set("GitHub-Authentication-Token-Expiration", header)
			}
			_, _ = w.Write([]byte("{}"))
		}))
		client, err := github.New(github.Options{APIURL: server.URL, Token: "t"})
		if err != nil {
			t.Fatal(err)
		}
		got, err := client.TokenExpiry(t.Context(), "acme/deployment")
		if !got.Equal(want) || (err != nil) != (header == "soon") {
			t.Errorf("%q: %v, %v", header, got, err)
		}
		server.Close()
	}
}
