package argocd_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/argocd"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// The token travels over https, and in the clear to this machine only.
func TestAttackTokenInTheClear(t *testing.T) {
	for server, want := range map[string]bool{
		"http://argocd.example.com": false, "http://argocd.example.com:18099/root": false, "http://127.0.0.1.example.com": false, "http://10.0.0.1": false,
		"https://argocd.example.com": true, "argocd.example.com": true, "http://localhost:8080": true, "http://127.0.0.1:8080": true,
	} {
		_, err := argocd.New(argocd.Options{Server: server, Token: otherToken})
		if (err == nil) != want {
			t.Errorf("%s: %v", server, err)
		}
		if p := problem.As(err); err != nil && (p == nil || p.Status != problem.Usage || !strings.Contains(err.Error(), "https")) {
			t.Errorf("%s: %v", server, err)
		}
	}
}

// An answer without end is cut, and a redirect takes the token nowhere.
func TestAttackServer(t *testing.T) {
	var elsewhere []string
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		elsewhere = append(elsewhere, r.Header.Get("Authorization"))
	}))
	t.Cleanup(other.Close)
	answers := map[string]http.HandlerFunc{
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
		},
		"endless": func(w http.ResponseWriter, r *http.Request) {
			for written := 0; r.Context().Err() == nil && written < 1<<30; written += 1 << 16 {
				if _, err := io.WriteString(w, strings.Repeat("x", 1<<16)); err != nil {
					return
				}
			}
			t.Error("all was read")
		},
	}
	for name, answer := range answers {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(answer)
			t.Cleanup(server.Close)
			client, err := argocd.New(argocd.Options{Server: server.URL, Token: otherToken})
			if err != nil {
				t.Fatal(err)
			}
			notice, err := client.Check(t.Context(), argocd.Target{Application: "shop"})
			if err == nil && notice == "" {
				t.Error("the application is said to be there")
			}
			if said := fmt.Sprint(notice, err); name == "endless" && !strings.Contains(said, "longer than") {
				t.Errorf("it ended for another reason: %s", said)
			}
		})
	}
	if len(elsewhere) > 0 {
		t.Errorf("another server was asked with %q", elsewhere)
	}
}
