package registry_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	digest "github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/auth"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/protocol"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
	testkit "github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// network connects to each of its hosts at the address of a server.
func network(servers map[string]string) *http.Transport {
	transport := protocol.NewTransport()
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, servers[address])
	}
	return transport
}

// visitors are the requests that arrive at a server.
type visitors struct {
	mu       sync.Mutex
	requests []*http.Request
}

func (s *visitors) serve(t *testing.T, settings *tls.Config, handler http.HandlerFunc) (addr string) {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.requests = append(s.requests, r)
		s.mu.Unlock()
		handler(w, r)
	}))
	if settings == nil {
		server.Start()
	} else {
		server.TLS = settings
		server.StartTLS()
	}
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// TestAttackRedirectWithClientCertificate has a registry that knows this machine's certificate lead to a store that asks for one:
// the store gets neither that nor a credential, and what it serves is taken.
func TestAttackRedirectWithClientCertificate(t *testing.T) {
	a := newAuthority(t)
	blob := []byte(`{"a":"blob"}`)
	theirs, err := a.Server(false, "store.test")
	if err != nil {
		t.Fatal(err)
	}
	theirs.ClientAuth = tls.RequestClientCert
	store := &visitors{}
	storeAddr := store.serve(t, theirs, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(blob) })
	ours, err := a.Server(true, "registry.test")
	if err != nil {
		t.Fatal(err)
	}
	front := &visitors{}
	frontAddr := front.serve(t, ours, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" {
			w.Header().Set("WWW-Authenticate", "Basic realm=x")
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		http.Redirect(w, r, "https://store.test/blob", http.StatusTemporaryRedirect)
	})
	machine := machineOf(t, "registry.test", clientFiles(t, a))
	trusted := machineOf(t, "store.test", map[string]string{"ca.crt": string(a.PEM())})
	machine.Dirs = append(machine.Dirs, trusted.Dirs...)
	client := registry.New(registry.Options{
		Keychain: auth.NewKeychain(t.TempDir(), auth.Token{Hosts: []string{"registry.test"}, User: user, Secret: password}), Machine: machine,
		Transport: network(map[string]string{"registry.test:443": frontAddr, "store.test:443": storeAddr}), Sleep: noSleep,
	})
	desc := ocispec.Descriptor{MediaType: ocispec.MediaTypeImageConfig, Digest: digest.FromBytes(blob), Size: int64(len(blob))}
	got, err := client.Content(t.Context(), refs.Repository("registry.test/acme/shop"), desc)
	if err != nil || !bytes.Equal(got, blob) {
		t.Fatalf("%q, %v", got, err)
	}
	for _, r := range store.requests {
		if len(r.TLS.PeerCertificates) > 0 || r.Header.Get("Authorization") != "" {
			t.Errorf("the store got %d certificates and %v", len(r.TLS.PeerCertificates), r.Header)
		}
	}
	for _, r := range front.requests {
		if len(r.TLS.PeerCertificates) == 0 {
			t.Error("the registry was not shown the certificate")
		}
	}
}

// TestAttackDowngrade has a registry with TLS lead to one without: another host, and its own. Nothing arrives there.
func TestAttackDowngrade(t *testing.T) {
	a := newAuthority(t)
	for _, to := range []string{"http://store.test:80/x", "http://registry.test:80/x", "http://registry.test:443/x"} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			plain := &visitors{}
			plainAddr := plain.serve(t, nil, func(http.ResponseWriter, *http.Request) {})
			settings, err := a.Server(false, "registry.test")
			if err != nil {
				t.Fatal(err)
			}
			front := &visitors{}
			frontAddr := front.serve(t, settings, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusTemporaryRedirect) })
			addresses := map[string]string{"registry.test:443": frontAddr, "registry.test:80": plainAddr, "store.test:80": plainAddr}
			if strings.Contains(to, ":443") {
				addresses["registry.test:443"] = frontAddr
			}
			client := registry.New(registry.Options{
				Machine:   machineOf(t, "registry.test", map[string]string{"ca.crt": string(a.PEM())}),
				Transport: network(addresses), Sleep: noSleep,
			})
			repository := "registry.test/acme/shop:1"
			if method == http.MethodGet {
				_, err = client.Lookup(t.Context(), refs.Image(repository))
			} else {
				err = client.CheckPush(t.Context(), refs.Repository("registry.test/acme/shop"))
			}
			if p := problem.As(err); p == nil || !strings.Contains(p.Remedy, "its answers must lead to https") {
				t.Errorf("%s to %s: %v", method, to, err)
			}
			if len(plain.requests) > 0 || len(front.requests) != 1 {
				t.Errorf("%s to %s: %d in the clear, %d in all", method, to, len(plain.requests), len(front.requests))
			}
		}
	}
}

// TestAttackBrokenFiles has a registry whose files cannot be read get no request at all: not without TLS, nor with what is left.
func TestAttackBrokenFiles(t *testing.T) {
	server := start(t, testkit.Options{Open: true})
	for name, file := range map[string]string{"toml": "hosts.toml", "certificate": "ca.crt", "a link to nowhere": ""} {
		machine := machineOf(t, server.Addr(), map[string]string{})
		dir := filepath.Join(machine.Dirs[0].Path, server.Addr())
		if file == "" {
			if err := os.Symlink("missing", filepath.Join(dir, "hosts.toml")); err != nil {
				t.Fatal(err)
			}
		} else if err := os.WriteFile(filepath.Join(dir, file), []byte("server = http"), 0o600); err != nil {
			t.Fatal(err)
		}
		client := registry.New(registry.Options{Machine: machine, Sleep: noSleep})
		_, err := client.Resolve(t.Context(), refs.Image(server.Addr()+"/acme/shop:1"))
		if p := problem.As(err); p == nil || p.ExitStatus() != problem.Usage || !strings.Contains(p.Error(), dir) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := server.Requests(); len(got) > 0 {
		t.Errorf("%+v", got)
	}
}

// TestReplacedRegistry refuses to push to a registry in whose place another one is asked, and reads base images there.
func TestReplacedRegistry(t *testing.T) {
	server, l := start(t, testkit.Options{Open: true}), newLibrary(t)
	const host = "registry.test"
	machine := machineOf(t, host, map[string]string{"hosts.toml": "server = 'http://" + server.Addr() + "'\n"})
	root := l.image("a1", l.layer("x", 100))
	pushImage(t, server.Addr()+"/acme/base:1", l, root)
	for name, mirrors := range map[string]bool{"reading": true, "pushing": false} {
		client := registry.New(registry.Options{Machine: machine, Mirrors: mirrors, Sleep: noSleep})
		found, _, err := client.Config(t.Context(), refs.Image(host+"/acme/base:1"), ocispec.Platform{OS: "linux", Architecture: "amd64"})
		if mirrors && (err != nil || found != root.Digest) {
			t.Errorf("%s: %s, %v", name, found, err)
		}
		if p := problem.As(err); !mirrors && (p == nil || !strings.Contains(p.Error(), "hosts.toml sends what is for it to http://"+server.Addr())) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestMirrorsAreForReading asks a mirror for base images first, and the registry where the mirror lacks them or is gone; what a
// release looks up and pushes is the registry's own.
func TestMirrorsAreForReading(t *testing.T) {
	mirror, origin, l := start(t, testkit.Options{Open: true}), start(t, testkit.Options{Open: true}), newLibrary(t)
	root, stale := l.image("a1", l.layer("new", 100)), l.image("a0", l.layer("old", 100))
	host := origin.Addr()
	pushImage(t, host+"/acme/base:1", l, root)
	pushImage(t, mirror.Addr()+"/acme/base:1", l, stale)
	pushImage(t, host+"/acme/base:2", l, root)
	machine := machineOf(t, host, map[string]string{
		"hosts.toml": "server = 'http://" + host + "'\n[host.'http://" + mirror.Addr() + "']\ncapabilities = ['pull', 'resolve']\n",
	})
	platform := ocispec.Platform{OS: "linux", Architecture: "amd64"}
	bases := registry.New(registry.Options{Machine: machine, Mirrors: true, Sleep: noSleep})
	for tag, want := range map[string]digest.Digest{"1": stale.Digest, "2": root.Digest} {
		if found, _, err := bases.Config(t.Context(), refs.Image(host+"/acme/base:"+tag), platform); err != nil || found != want {
			t.Errorf("tag %s: %s, %v; want %s", tag, found, err, want)
		}
	}
	own := registry.New(registry.Options{Machine: machine, Sleep: noSleep})
	mirror.ResetRequests()
	if found, err := own.Lookup(t.Context(), refs.Image(host+"/acme/base:1")); err != nil || found.Descriptor.Digest != root.Digest {
		t.Errorf("%+v, %v", found.Descriptor, err)
	}
	if got := mirror.Requests(); len(got) > 0 {
		t.Errorf("the mirror was asked %+v", got)
	}
}

// pushImage puts one image into a registry that asks for nothing.
func pushImage(t *testing.T, ref string, l *library, root ocispec.Descriptor) {
	t.Helper()
	client := registry.New(registry.Options{Sleep: noSleep})
	if _, err := client.Push(t.Context(), l.store, []push.Image{{Ref: refs.Image(ref), Descriptor: root}}, nil); err != nil {
		t.Fatal(err)
	}
}
