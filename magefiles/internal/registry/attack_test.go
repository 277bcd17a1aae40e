package registry_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/auth"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
	testkit "github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// stranger is a server that keeps every Authorization that arrives at it.
func stranger(t *testing.T) (address string, arrived *[]string) {
	t.Helper()
	arrived = &[]string{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if header := r.Header.Get("Authorization"); header != "" {
			*arrived = append(*arrived, header)
		}
		w.WriteHeader(http.StatusNotFound)
	}))
	t.Cleanup(server.Close)
	return server.URL, arrived
}

// A registry that redirects to another port of its own name gets neither the token nor the password there.
func TestAttackRedirectOfTheRegistry(t *testing.T) {
	elsewhere, arrived := stranger(t)
	for _, challenge := range []string{"Basic realm=x", `Bearer realm="%s/token",service=x`} {
		mux := http.NewServeMux()
		server := httptest.NewServer(mux)
		t.Cleanup(server.Close)
		mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere+"/token", http.StatusTemporaryRedirect)
		})
		mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != "" {
				http.Redirect(w, r, elsewhere+r.URL.Path, http.StatusTemporaryRedirect)
				return
			}
			w.Header().Set("WWW-Authenticate", strings.Replace(challenge, "%s", server.URL, 1))
			w.WriteHeader(http.StatusUnauthorized)
		})
		host := strings.TrimPrefix(server.URL, "http://")
		client := registry.New(registry.Options{Sleep: noSleep, Keychain: auth.NewKeychain(t.TempDir(), auth.Token{Hosts: []string{host}, User: user, Secret: password})})
		_, err := client.Resolve(t.Context(), refs.Image(host+"/acme/a:1"))
		if err == nil || len(*arrived) > 0 {
			t.Errorf("%s: another port got %q, %v", challenge, *arrived, err)
		}
	}
}

// A token service that is not served over https gets no password, and the registry no identity token either.
func TestAttackTokenServiceInTheClear(t *testing.T) {
	for _, realm := range []string{"http://auth.example.com/token", "http://127.0.0.1.example.com/token", "ftp://x/token"} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("WWW-Authenticate", fmt.Sprintf("Bearer realm=%q,service=x", realm))
			w.WriteHeader(http.StatusUnauthorized)
		}))
		t.Cleanup(server.Close)
		host := strings.TrimPrefix(server.URL, "http://")
		client := registry.New(registry.Options{Sleep: noSleep, Keychain: auth.NewKeychain(t.TempDir(), auth.Token{Hosts: []string{host}, User: user, Secret: password})})
		_, err := client.Resolve(t.Context(), refs.Image(host+"/acme/a:1"))
		if err == nil || !strings.Contains(err.Error(), "not served over https") {
			t.Errorf("%s: %v", realm, err)
		}
	}
}

// A registry that answers without end, with a manifest or with a token, costs little memory and no time.
func TestAttackEndlessAnswer(t *testing.T) {
	for _, path := range []string{"/token", "/v2/acme/a/manifests/1"} {
		mux := http.NewServeMux()
		server := httptest.NewServer(mux)
		t.Cleanup(server.Close)
		mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == path && r.Method == http.MethodGet {
				_, _ = io.WriteString(w, `{"token":"`)
				for written := int64(0); r.Context().Err() == nil && written < 1<<30; {
					n, err := io.WriteString(w, strings.Repeat("x", 1<<16))
					if err != nil {
						return
					}
					written += int64(n)
				}
				t.Errorf("%s: all was read", path)
				return
			}
			if path == "/token" {
				w.Header().Set("WWW-Authenticate", `Bearer realm="`+server.URL+`/token",service=x`)
				w.WriteHeader(http.StatusUnauthorized)
			}
		})
		host := strings.TrimPrefix(server.URL, "http://")
		client := registry.New(registry.Options{Sleep: noSleep, Patience: time.Hour, Keychain: auth.NewKeychain(t.TempDir(), auth.Token{Hosts: []string{host}, User: user, Secret: password})})
		if _, err := client.Resolve(t.Context(), refs.Image(host+"/acme/a:1")); err == nil {
			t.Errorf("%s: no error", path)
		}
	}
}

// A registry that sends a letter now and then, of its headers or of a document, is given up as one that says nothing.
func TestAttackSlowAnswer(t *testing.T) {
	const patience = 100 * time.Millisecond
	for _, slow := range []string{"/token", "/v2/acme/a/manifests/1"} {
		mux := http.NewServeMux()
		server := httptest.NewServer(mux)
		t.Cleanup(server.Close)
		mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == slow && r.Method != http.MethodHead {
				drip(t, w, r)
				return
			}
			if slow == "/token" {
				w.Header().Set("WWW-Authenticate", `Bearer realm="`+server.URL+`/token",service=x`)
				w.WriteHeader(http.StatusUnauthorized)
			}
		})
		host := strings.TrimPrefix(server.URL, "http://")
		client := registry.New(registry.Options{
			Sleep: noSleep, Patience: patience,
			Keychain: auth.NewKeychain(t.TempDir(), auth.Token{Hosts: []string{host}, User: user, Secret: password}),
		})
		if _, err := client.Resolve(t.Context(), refs.Image(host+"/acme/a:1")); err == nil || !strings.Contains(err.Error(), "no answer after 100ms") {
			t.Errorf("%s: %v", slow, err)
		}
	}
}

// drip answers a letter at a time, until the client goes away or a minute has passed.
func drip(t *testing.T, w http.ResponseWriter, r *http.Request) {
	t.Helper()
	w.Header().Set("Content-Type", "application/vnd.oci.image.manifest.v1+json")
	for range 6000 {
		if _, err := io.WriteString(w, " "); err != nil || http.NewResponseController(w).Flush() != nil {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Errorf("%s: all was read", r.URL.Path)
}

// A token is for its hosts alone: another registry is asked without it.
func TestAttackTokenOfAnotherRegistry(t *testing.T) {
	ours, theirs := start(t, testkit.Options{}), &[]string{}
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*theirs = append(*theirs, r.Header.Get("Authorization"))
		w.Header().Set("WWW-Authenticate", "Basic realm=x")
		w.WriteHeader(http.StatusUnauthorized)
	}))
	t.Cleanup(other.Close)
	client := clientFor(t, ours)
	address, err := url.Parse(other.URL)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Resolve(t.Context(), refs.Image(address.Host+"/someone/else:1")); err == nil {
		t.Error("no error")
	}
	if got := strings.Join(*theirs, ""); got != "" {
		t.Errorf("the other registry got %q", got)
	}
}
