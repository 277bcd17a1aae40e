package registry_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/auth"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
	testkit "github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// TestUploadIsRedirected: a registry sends uploads to another host, which answers where to put the content in each way that
// RFC 9110 has (section 10.2.2). The content goes there, and no credentials do.
func TestUploadIsRedirected(t *testing.T) {
	for name, location := range map[string]func(host, path string) string{
		"absolute":         func(host, path string) string { return "http://" + host + path },
		"without a scheme": func(host, path string) string { return "//" + host + path },
		"an absolute path": func(_, path string) string { return path },
		"a relative path":  func(_, path string) string { return path[strings.LastIndexByte(path, '/')+1:] },
	} {
		t.Run(name, func(t *testing.T) {
			store, l := start(t, testkit.Options{Open: true}), newLibrary(t)
			elsewhere := httptest.NewServer(relocating(t, store.Addr(), location))
			t.Cleanup(elsewhere.Close)
			front := httptest.NewServer(redirecting(t, store.Addr(), strings.Replace(elsewhere.URL, "127.0.0.1", "localhost", 1)))
			t.Cleanup(front.Close)
			image := push.Image{Ref: refs.Image(strings.TrimPrefix(front.URL, "http://") + "/acme/shop:1"), Descriptor: l.image("a1", l.layer("core", 1000))}
			token := auth.Token{User: user, Secret: password, Name: "TOKEN", Hosts: []string{strings.TrimPrefix(front.URL, "http://")}}
			client := registry.New(registry.Options{Keychain: auth.NewKeychain(t.TempDir(), token), Push: true})
			if _, err := client.Push(t.Context(), l.store, []push.Image{image}, nil); err != nil {
				t.Fatal(err)
			}
			if got := pulled(t, store.Addr()+"/acme/shop:1"); got != image.Descriptor.Digest.String() {
				t.Errorf("the store has %s", got)
			}
		})
	}
}

// relocating passes requests on to a registry, and says in its own way where an upload goes on.
func relocating(t *testing.T, to string, location func(host, path string) string) http.Handler {
	t.Helper()
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: to})
	proxy.ModifyResponse = func(r *http.Response) error {
		if at, err := url.Parse(r.Header.Get("Location")); err == nil && r.Request.Method == http.MethodPost {
			r.Header.Set("Location", location(r.Request.Header.Get("X-Forwarded-Host"), at.Path))
		}
		return nil
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Errorf("%s %s got credentials", r.Method, r.URL.Path)
		}
		r.Header.Set("X-Forwarded-Host", r.Host)
		proxy.ServeHTTP(w, r)
	})
}

// redirecting is a registry that takes no content itself.
func redirecting(t *testing.T, registry, uploads string) http.Handler {
	t.Helper()
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: registry})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("Authorization") == "": // those that must not leave this host
			w.Header().Set("WWW-Authenticate", `Basic realm="registry"`)
			w.WriteHeader(http.StatusUnauthorized)
		case !strings.Contains(r.URL.Path, "/blobs/uploads/"):
			proxy.ServeHTTP(w, r)
		case r.Method == http.MethodPost:
			http.Redirect(w, r, uploads+r.URL.Path, http.StatusTemporaryRedirect)
		default:
			t.Errorf("%s %s at the first host", r.Method, r.URL.Path)
			http.NotFound(w, r)
		}
	})
}
