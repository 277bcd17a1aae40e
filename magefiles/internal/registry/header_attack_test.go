package registry_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
	testkit "github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// TestAttackHeadersOfAnotherHost has a registry whose headers hosts.toml sets take uploads elsewhere: by the address that it answers with,
// which a client asks again, and by a redirect. The other host is asked without them.
func TestAttackHeadersOfAnotherHost(t *testing.T) {
	store, l := start(t, testkit.Options{Open: true}), newLibrary(t)
	pass := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: store.Addr()})
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Jfrog-Art-Api") != "" || r.Header.Get("Authorization") != "" {
			t.Errorf("another host got %s %s with %v", r.Method, r.URL.Path, r.Header)
		}
		pass.ServeHTTP(w, r)
	}))
	t.Cleanup(elsewhere.Close)
	var asked, with atomic.Int64 // the layers go up beside each other
	answer := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: store.Addr()})
	answer.ModifyResponse = func(r *http.Response) error {
		if at, err := url.Parse(r.Header.Get("Location")); err == nil && r.Request.Method == http.MethodPost {
			r.Header.Set("Location", elsewhere.URL+at.RequestURI())
		}
		return nil
	}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.Header.Get("X-Jfrog-Art-Api") == "key" && r.Header.Get("Authorization") == "Basic a2V5" {
			with.Add(1)
		}
		answer.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	host := strings.TrimPrefix(front.URL, "http://")
	machine := machineOf(t, host, map[string]string{
		"hosts.toml": "server = '" + front.URL + "'\n[header]\nx-jfrog-art-api = 'key'\nAuthorization = ['Basic a2V5']\n",
	})
	client := registry.New(registry.Options{Machine: machine, Push: true, Sleep: noSleep})
	if err := client.CheckPush(t.Context(), refs.Repository(host+"/acme/shop")); err != nil {
		t.Error(err)
	}
	image := push.Image{Ref: refs.Image(host + "/acme/shop:1"), Descriptor: l.image("a1", l.layer("core", 1000))}
	if _, err := client.Push(t.Context(), l.store, []push.Image{image}, nil); err != nil {
		t.Fatal(err)
	}
	if asked.Load() == 0 || with.Load() != asked.Load() {
		t.Errorf("the registry itself got its headers %d of %d times", with.Load(), asked.Load())
	}
}
