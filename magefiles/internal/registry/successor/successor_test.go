package successor_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/containerd/errdefs"
	digest "github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/protocol"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/successor"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
	testkit "github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// row is a row of tags in a registry of its own.
type row struct {
	server *testkit.Server
	client *protocol.Client
	base   imageref.Reference
}

func startRow(t *testing.T) row {
	t.Helper()
	server, err := testkit.Start(testkit.Options{Open: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	noSleep := func(ctx context.Context, _ time.Duration) error { return context.Cause(ctx) }
	return row{server: server, client: protocol.New(protocol.Options{Sleep: noSleep}), base: refs.Image(server.Addr() + "/acme/backend:key")}
}

// document is an image that needs nothing else in the repository: an index of nothing, with a name.
func document(name string) (desc ocispec.Descriptor, content []byte) {
	content = fmt.Appendf(nil, `{"schemaVersion":2,"mediaType":%q,"manifests":[],"annotations":{"name":%q}}`, ocispec.MediaTypeImageIndex, name)
	return ocispec.Descriptor{MediaType: ocispec.MediaTypeImageIndex, Digest: digest.FromBytes(content), Size: int64(len(content))}, content
}

// put has the row end with an image, from the tag that is its last one.
func (r row) put(t *testing.T, name string) {
	t.Helper()
	if err := r.putAfter(t.Context(), r.last(t), name); err != nil {
		t.Fatalf("putting %s: %v", name, err)
	}
}

func (r row) putAfter(ctx context.Context, last successor.Tag, name string) error {
	desc, content := document(name)
	return successor.Put(ctx, r.client, last, desc, content)
}

func (r row) last(t *testing.T) successor.Tag {
	t.Helper()
	last, err := successor.Last(t.Context(), r.client, r.base)
	if err != nil {
		t.Fatal(err)
	}
	return last
}

// digests returns what the tags of the row name, as the registry says.
func (r row) digests(t *testing.T) (found []digest.Digest) {
	t.Helper()
	for name := r.base; ; name.Tag = fmt.Sprintf("%s-%d", r.base.Tag, len(found)+1) {
		desc, err := r.client.Resolve(t.Context(), name)
		if errdefs.IsNotFound(err) {
			return found
		}
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, desc.Digest)
	}
}

func digestsOf(names ...string) (all []digest.Digest) {
	for _, name := range names {
		desc, _ := document(name)
		all = append(all, desc.Digest)
	}
	return all
}

// freeze makes a registry whose tags cannot move while the switch is on.
func freeze(server *testkit.Server) *atomic.Bool {
	frozen, immutable := &atomic.Bool{}, testkit.Immutable()
	var mu sync.Mutex
	moved := map[string]bool{} // put while tags moved: Immutable does not know what they name now
	server.Inject(testkit.On(http.MethodPut, testkit.Manifest, func(w http.ResponseWriter, r *http.Request, request testkit.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		if !frozen.Load() {
			moved[request.Target] = true
			return false
		}
		if moved[request.Target] {
			return testkit.Answer(http.StatusConflict, nil, "DENIED", "the tag exists")(w, r, request)
		}
		return immutable(w, r, request)
	}))
	return frozen
}

// TestARowEndsWithWhatWasPutLast compares a registry that lets tags move and forbids it in turns with a list: a tag that moves
// is the last one, one that cannot gets a successor, and whatever begins a lookup finds the same end.
func TestARowEndsWithWhatWasPutLast(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			random, r := rand.New(rand.NewPCG(seed, 0)), startRow(t)
			frozen := freeze(r.server)
			var model []digest.Digest
			for step := range 12 {
				frozen.Store(random.IntN(3) > 0)
				name := fmt.Sprint(step)
				r.put(t, name)
				want := digestsOf(name)[0]
				if frozen.Load() || len(model) == 0 {
					model = append(model, want)
				} else {
					model[len(model)-1] = want
				}
				if found := r.digests(t); !slices.Equal(found, model) {
					t.Fatalf("step %d: the row is %s, want %s", step, found, model)
				}
				last := r.last(t)
				if last.Number != len(model) || last.Found.Digest != want {
					t.Fatalf("step %d: the last tag is %+v, want %d with %s", step, last, len(model), want)
				}
				same, err := successor.After(t.Context(), r.client, successor.First(r.base))
				if err != nil || same.Reference() != last.Reference() || same.Number > 1 && same.Found.Digest != want {
					t.Errorf("step %d: after the first comes %+v, %v, want %+v", step, same, err, last)
				}
			}
		})
	}
}

// TestAnImageThatEndsARowGetsNoSuccessor repeats pushes to a registry whose tags cannot move.
func TestAnImageThatEndsARowGetsNoSuccessor(t *testing.T) {
	r := startRow(t)
	r.server.Inject(testkit.Immutable())
	for _, name := range []string{"a", "a", "b", "b", "a", "a"} {
		r.put(t, name)
	}
	if found, want := r.digests(t), digestsOf("a", "b", "a"); !slices.Equal(found, want) {
		t.Errorf("the row is %s, want %s", found, want)
	}
}

func TestTheFirstOfARowHasNoNumber(t *testing.T) {
	r := startRow(t)
	last := r.last(t)
	if last.Number != 1 || last.Found.Digest != "" || last.Reference() != r.base {
		t.Errorf("of a registry without the tag: %+v", last)
	}
}

// TestAFasterRunLosesNothing has another run put an image at each moment between a run's requests. What the two of them put
// is in the row once each.
func TestAFasterRunLosesNothing(t *testing.T) {
	for name, moment := range map[string]struct {
		method, target string
	}{
		"before the tag is put":              {http.MethodPut, "key"},
		"before the successor is looked up":  {http.MethodHead, "key-2"},
		"before the successor is put":        {http.MethodPut, "key-2"},
		"before the next one after is found": {http.MethodHead, "key-3"},
	} {
		for _, rival := range []string{"rival", "mine"} {
			t.Run(name+", "+rival, func(t *testing.T) {
				r := startRow(t)
				var armed atomic.Bool
				r.server.Inject(testkit.Call(func(request testkit.Request) {
					if request.Method == moment.method && request.Target == moment.target && armed.CompareAndSwap(true, false) {
						r.put(t, rival)
					}
				}))
				r.server.Inject(testkit.Immutable())
				r.put(t, "old")
				stale := r.last(t)
				want := digestsOf("old", "mine")
				if strings.HasSuffix(moment.target, "3") { // only a run that is behind looks so far
					r.put(t, "other")
					want = digestsOf("old", "other", "mine")
				}
				if rival != "mine" {
					want = slices.Insert(want, len(want)-1, digestsOf(rival)...)
				}
				armed.Store(true)
				if err := r.putAfter(t.Context(), stale, "mine"); err != nil {
					t.Fatal(err)
				}
				if armed.Load() {
					t.Fatal("the run has no such moment")
				}
				if found := r.digests(t); !slices.Equal(found, want) {
					t.Errorf("the row is %s, want %s", found, want)
				}
			})
		}
	}
}

// TestAnEndedRunPutsNoSuccessor cancels a run while its tag is refused.
func TestAnEndedRunPutsNoSuccessor(t *testing.T) {
	r := startRow(t)
	r.server.Inject(testkit.Immutable())
	r.put(t, "old")
	last := r.last(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	errEnded := errors.New("the job was cancelled")
	r.server.Heal()
	r.server.ResetRequests()
	r.server.Inject(testkit.On(http.MethodPut, testkit.Manifest, testkit.Call(func(testkit.Request) { cancel(errEnded) })))
	r.server.Inject(testkit.On(http.MethodPut, testkit.Manifest, testkit.Answer(http.StatusBadRequest, nil, "TAG_INVALID", "immutable")))
	if err := r.putAfter(ctx, last, "new"); !errors.Is(err, errEnded) {
		t.Errorf("got %v, want %v", err, errEnded)
	}
	if requests := r.server.Requests(); len(requests) != 1 {
		t.Errorf("after its end it has sent %+v", requests[1:])
	}
}
