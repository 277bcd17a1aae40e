package registry_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
	testkit "github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// TestAttackRightsBetweenRegistries: a copy between two registries asks the token service of neither for rights to the other's repository,
// and that of the first one for none to push.
func TestAttackRightsBetweenRegistries(t *testing.T) {
	w := newWay(t, 0, 1)
	from, to := refs.Repository(w.from.Addr()+"/acme/stage"), refs.Repository(w.to.Addr()+"/acme/prod")
	r := w.publish(from)
	var mu sync.Mutex
	asked := map[string][]string{}
	record := func(at string) testkit.Fault {
		return testkit.On("", testkit.Token, func(_ http.ResponseWriter, q *http.Request, _ testkit.Request) bool {
			mu.Lock()
			defer mu.Unlock()
			asked[at] = append(asked[at], strings.Fields(strings.Join(q.URL.Query()["scope"], " "))...)
			return false
		})
	}
	w.from.Inject(record("from"))
	w.to.Inject(record("to"))
	if _, err := w.client().Copy(t.Context(), r.copyOf(from, to), nil); err != nil {
		t.Fatal(err)
	}
	for _, scope := range asked["from"] {
		if !strings.HasPrefix(scope, "repository:acme/stage:") || strings.Contains(scope, "push") {
			t.Errorf("the first registry is asked for %q", scope)
		}
	}
	for _, scope := range asked["to"] {
		if !strings.HasPrefix(scope, "repository:acme/prod:") {
			t.Errorf("the second registry is asked for %q", scope)
		}
	}
	if len(asked["from"]) == 0 {
		t.Error("the first registry is asked for no token")
	}
}

// TestAttackNextPageElsewhere: what a list of referrers goes on with is on the same server, or nothing: no credential goes elsewhere.
func TestAttackNextPageElsewhere(t *testing.T) {
	w := newWay(t, 0, 1)
	from, to := refs.Repository(w.from.Addr()+"/acme/stage"), refs.Repository(w.to.Addr()+"/acme/prod")
	r := w.publish(from)
	var mu sync.Mutex
	var pages, elsewhere []string
	w.from.Inject(func(rw http.ResponseWriter, q *http.Request, request testkit.Request) bool {
		if !strings.Contains(q.URL.Path, "/referrers/") {
			return false
		}
		mu.Lock()
		pages = append(pages, q.URL.Path)
		mu.Unlock()
		rw.Header().Set("Link", "<http://"+w.to.Addr()+"/elsewhere>; rel=\"next\"")
		return answerIndex(ocispec.MediaTypeImageIndex, ocispec.Index{MediaType: ocispec.MediaTypeImageIndex, Manifests: []ocispec.Descriptor{}})(rw, q, request)
	})
	w.to.Inject(func(_ http.ResponseWriter, q *http.Request, _ testkit.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		if strings.Contains(q.URL.Path, "elsewhere") {
			elsewhere = append(elsewhere, q.Header.Get("Authorization"))
		}
		return false
	})
	if _, err := w.client().Copy(t.Context(), r.copyOf(from, to), nil); err != nil {
		t.Error(err)
	}
	if len(pages) == 0 || len(elsewhere) > 0 {
		t.Errorf("after %d lists another server is asked with %q", len(pages), elsewhere)
	}
}
