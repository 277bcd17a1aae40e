package registry_test

import (
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/distribution"
	testkit "github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// seen counts how often a fault struck: one that never did proves nothing.
func seen(fault testkit.Fault) (testkit.Fault, *atomic.Int64) {
	count := new(atomic.Int64)
	return func(w http.ResponseWriter, r *http.Request, request testkit.Request) bool {
		count.Add(1)
		return fault(w, r, request)
	}, count
}

// A push, a retag and a look outlast each fault, and what is in the registry afterwards is whole.
func TestConformanceWithFaults(t *testing.T) {
	onEveryBackend(t, func(t *testing.T, w *world) {
		t.Helper()
		for _, test := range faults(w) {
			t.Run(test.name, func(t *testing.T) {
				if test.kind == testkit.Token && !w.tokens {
					t.Log("this registry has no tokens")
					return
				}
				w := w.part(t)
				fault, struck := seen(test.fault)
				w.Inject(testkit.On(test.method, test.kind, times(test.times, fault)))
				outlast(t, w)
				if struck.Load() != test.times {
					t.Errorf("the fault struck %d times, want %d", struck.Load(), test.times)
				}
				if test.waits != 0 && !slices.Contains(w.sleeps.list, test.waits) {
					t.Errorf("waited %v, want %v among it", w.sleeps.list, test.waits)
				}
			})
		}
	})
}

func outlast(t *testing.T, w *world) {
	t.Helper()
	images, client := w.application("a1"), w.client()
	var last push.Progress
	if _, err := client.Push(t.Context(), w.store, images, func(p push.Progress) { last = p }); err != nil {
		t.Fatal(err)
	}
	if last.Sent+last.Present != last.Total {
		t.Errorf("progress ended at %+v", last)
	}
	list := retags(images, "a1", "b2")
	if _, err := client.Retag(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	found, err := client.Lookup(t.Context(), list[0].Ref)
	if err != nil || found.Origin.Revision != "a1" {
		t.Errorf("found %+v, %v", found, err)
	}
	w.wantPulled(images)
	w.wantRetagged(list)
}

type faultCase struct {
	name   string
	method string
	kind   testkit.Kind
	times  int64
	fault  testkit.Fault
	waits  time.Duration // that the client must have waited
}

func faults(w *world) []faultCase {
	gateway := testkit.Answer(http.StatusBadGateway, nil, "", "")
	slowDown := testkit.Answer(http.StatusTooManyRequests, http.Header{"Retry-After": {"17"}}, "TOOMANYREQUESTS", "slow down")
	timeout := testkit.Answer(http.StatusRequestTimeout, nil, "", "")
	forgotten := testkit.Answer(http.StatusNotFound, nil, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry")
	unknown := testkit.Answer(http.StatusNotFound, nil, "MANIFEST_BLOB_UNKNOWN", "unknown blob")
	return []faultCase{
		{"502 for a look at a manifest", http.MethodHead, testkit.Manifest, 3, gateway, 0},
		{"502 for a look at a blob", http.MethodHead, testkit.Blob, 3, gateway, 0},
		{"502 for a new upload", http.MethodPost, testkit.Upload, 3, gateway, 0},
		{"502 for an upload", http.MethodPut, testkit.Upload, 3, gateway, 0},
		{"502 for a manifest", http.MethodPut, testkit.Manifest, 3, gateway, 0},
		{"502 for reading a manifest", http.MethodGet, testkit.Manifest, 3, gateway, 0},
		{"502 for reading a blob", http.MethodGet, testkit.Blob, 1, gateway, 0},
		{"502 for a token", http.MethodGet, testkit.Token, 3, gateway, 0},
		{"429 for a look", http.MethodHead, testkit.Manifest, 2, slowDown, 17 * time.Second},
		{"429 for an upload", http.MethodPut, testkit.Upload, 2, slowDown, 17 * time.Second},
		{"429 for a manifest", http.MethodPut, testkit.Manifest, 2, slowDown, 17 * time.Second},
		{"429 for a token", http.MethodGet, testkit.Token, 2, slowDown, 17 * time.Second},
		{"408 for an upload", http.MethodPut, testkit.Upload, 2, timeout, 0},
		{"408 for a manifest", http.MethodPut, testkit.Manifest, 2, timeout, 0},
		{"cut before a look", http.MethodHead, "", 2, testkit.Cut(0), 0},
		{"cut in an upload", http.MethodPut, testkit.Upload, 3, testkit.Cut(10_000), 0},
		{"cut in a manifest", http.MethodPut, testkit.Manifest, 2, testkit.Cut(10), 0},
		{"answer lost to an upload", http.MethodPut, testkit.Upload, 3, w.LoseAnswer(), 0},
		{"answer lost to a manifest", http.MethodPut, testkit.Manifest, 3, w.LoseAnswer(), 0},
		{"forgotten upload", http.MethodPut, testkit.Upload, 2, forgotten, 0},
		{"unknown blob", http.MethodPut, testkit.Manifest, 2, unknown, 0},
	}
}

// A registry that needs long for a layer is waited for; one that does not answer a small question is asked again.
func TestConformanceSlowAnswers(t *testing.T) {
	const patience = time.Second
	onEveryBackend(t, func(t *testing.T, w *world) {
		t.Helper()
		w = w.part(t)
		slow, layers := seen(func(http.ResponseWriter, *http.Request, testkit.Request) bool {
			<-time.After(3 * patience)
			return false
		})
		mute, looks := seen(func(_ http.ResponseWriter, r *http.Request, _ testkit.Request) bool {
			<-r.Context().Done() // the client goes away
			return true
		})
		w.Inject(testkit.On(http.MethodPut, testkit.Upload, times(1, slow)))
		w.Inject(testkit.On(http.MethodHead, testkit.Manifest, times(1, mute)))
		images := w.application("a1")
		client := w.client(func(o *registry.Options) { o.Patience = patience })
		if _, err := client.Push(t.Context(), w.store, images, nil); err != nil {
			t.Fatal(err)
		}
		if uploads := w.Count(http.MethodPut, testkit.Upload); uploads != 7 {
			t.Errorf("%d uploads, want one for each of the 7 blobs: the slow one was given up", uploads)
		}
		if layers.Load() != 1 || looks.Load() != 1 {
			t.Errorf("%d and %d faults", layers.Load(), looks.Load())
		}
		w.wantPulled(images)
	})
}

// Tokens run out after one request, so that each upload is refused once when its content is under way: a new one is asked
// for, and what was sent in vain is sent again.
func TestConformanceTokenExpiry(t *testing.T) {
	server, err := distribution.Start(distribution.Options{User: user, Password: password, Uses: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	w := (&world{Proxy: before(t, server), tokens: true}).part(t)
	images := w.application("a1")
	client := w.client(func(o *registry.Options) { o.Parallel = 1 })
	if _, err := client.Push(t.Context(), w.store, images, nil); err != nil {
		t.Fatal(err)
	}
	refused := 0
	for _, r := range w.Requests() {
		if r.Kind == testkit.Upload && r.Method == http.MethodPut && r.Status == http.StatusUnauthorized {
			refused++
		}
	}
	if refused != 7 {
		t.Errorf("%d uploads were refused, want each of the 7 once", refused)
	}
	w.wantPulled(images)
}
