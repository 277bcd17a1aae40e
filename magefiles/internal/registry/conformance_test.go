package registry_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/auth"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/distribution"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/dockerregistry"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/proxy"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
	testkit "github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// backend is a real registry in which user may push to acme/*.
type backend interface {
	io.Closer
	Addr() string
}

// backends are the registries that everything must work with: what ghcr.io does in front of go-containerregistry's, and
// two generations of distribution, with tokens and with passwords.
var backends = []struct {
	name   string
	tokens bool
	start  func(*testing.T) (backend, error)
}{
	{"go-containerregistry", true, func(*testing.T) (backend, error) {
		server, err := testkit.Start(testkit.Options{Referrers: true})
		if err == nil {
			server.AddUser(user, password, testkit.Grant{Repository: "acme/*", Push: true})
		}
		return server, err
	}},
	{"distribution", true, func(*testing.T) (backend, error) {
		return distribution.Start(distribution.Options{User: user, Password: password})
	}},
	{"docker-registry", false, func(t *testing.T) (backend, error) {
		t.Helper()
		requireDockerRegistry(t)
		return dockerregistry.Start(t.Context(), user, password)
	}},
}

// requireDockerRegistry skips a test where the program cannot be installed, except under CI=true.
func requireDockerRegistry(t testing.TB) {
	t.Helper()
	say := func(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
	if err := dockerregistry.Install(t.Context(), say); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
}

// world is one registry for one test, with a proxy before it and a part of the names for itself.
type world struct {
	*library
	*proxy.Proxy

	tokens bool
	owner  string // acme/<something>: repositories below it are empty
	sleeps *pauses
}

// onEveryBackend runs a test against each registry.
func onEveryBackend(t *testing.T, test func(*testing.T, *world)) {
	t.Helper()
	for _, b := range backends {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel() // they wait for their disk most of the time
			server, err := b.start(t)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := server.Close(); err != nil {
					t.Error(err)
				}
			})
			test(t, &world{Proxy: before(t, server), tokens: b.tokens})
		})
	}
}

func before(t *testing.T, server backend) *proxy.Proxy {
	t.Helper()
	p, err := proxy.Start(server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

var owners atomic.Int64

// part returns a subtest names of its own in the same registry.
func (w *world) part(t *testing.T) *world {
	t.Helper()
	w.Heal()
	w.ResetRequests()
	return &world{library: newLibrary(t), Proxy: w.Proxy, tokens: w.tokens, owner: fmt.Sprintf("acme/owner%d", owners.Add(1)), sleeps: &pauses{}}
}

func (w *world) ref(name string) string { return w.Addr() + "/" + w.owner + "/" + name }

// client waits for nothing and notes what it would have waited.
func (w *world) client(change ...func(*registry.Options)) *registry.Client {
	w.t.Helper()
	options := registry.Options{
		Keychain: auth.NewKeychain(w.t.TempDir(), auth.Token{Hosts: []string{w.Addr()}, User: user, Secret: password, Name: "GHCR_TOKEN"}),
		Sleep:    w.sleeps.sleep,
	}
	for _, change := range change {
		change(&options)
	}
	return registry.New(options)
}

// application makes three images that share a layer, in one repository.
func (w *world) application(revision string) []push.Image {
	w.t.Helper()
	base := w.layer("base", 30_000)
	var images []push.Image
	for _, name := range []string{"core", "batch", "monitor"} {
		images = append(images, push.Image{
			Ref: refs.Image(w.ref("backend:" + name + "-" + revision)), Revision: commitid.ID(revision),
			Descriptor: w.image(revision, base, w.layer(name+revision, 20_000)),
		})
	}
	return images
}

func (w *world) push(images []push.Image) []push.Pushed {
	w.t.Helper()
	pushed, err := w.client().Push(w.t.Context(), w.store, images, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return pushed
}

// manifests counts requests about manifests, and total all requests but those about tokens.
func (w *world) manifests(method string) int { return w.Count(method, testkit.Manifest) }

func (w *world) total() int {
	count := 0
	for _, request := range w.Requests() {
		// The first request of a client is refused and made again with what the registry asks for.
		if request.Kind != testkit.Token && request.Status != http.StatusUnauthorized {
			count++
		}
	}
	return count
}

func (w *world) wantPulled(images []push.Image) {
	w.t.Helper()
	w.Heal()
	wantPulled(w.t, images)
}

func (w *world) wantRetagged(list []push.Image) {
	w.t.Helper()
	w.Heal()
	wantRetagged(w.t, list)
}

// tagged counts the tags that were put.
func (w *world) tagged() int {
	count := 0
	for _, request := range w.Requests() {
		if request.Method == http.MethodPut && request.Kind == testkit.Manifest && !strings.HasPrefix(request.Target, "sha256:") && request.Status == http.StatusCreated {
			count++
		}
	}
	return count
}
