package registry_test

import (
	"net/http"
	"strings"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
	testkit "github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// twoRepositories are one image for two components, each with a repository of its own.
func twoRepositories(l *library, addr string) (images []push.Image, layer ocispec.Descriptor) {
	l.t.Helper()
	layer = l.layer("base", 100_000)
	desc := l.image("a1", layer)
	return []push.Image{{Ref: refs.Image(addr + "/acme/backend:1"), Descriptor: desc}, {Ref: refs.Image(addr + "/acme/frontend:1"), Descriptor: desc}}, layer
}

// What one repository has just been sent is mounted into the other one, and its content is not sent again.
func TestPushMountsWithinAPush(t *testing.T) {
	server, l := start(t, testkit.Options{}), newLibrary(t)
	images, layer := twoRepositories(l, server.Addr())
	var last push.Progress
	pushed, err := clientFor(t, server).Push(t.Context(), l.store, images, func(p push.Progress) { last = p })
	if err != nil {
		t.Fatal(err)
	}
	received := server.Received(testkit.Upload)
	if received < layer.Size || received >= 2*layer.Size {
		t.Errorf("%d bytes were sent for a layer of %d in two repositories", received, layer.Size)
	}
	if pushed[1].Uploaded >= layer.Size || last.Sent+last.Present != last.Total {
		t.Errorf("the second image counts %d bytes, the progress ended at %+v", pushed[1].Uploaded, last)
	}
	wantPulled(t, images)
}

// The base image is in another repository of the registry, from long ago.
func TestPushMountsFromASource(t *testing.T) {
	server, l := start(t, testkit.Options{}), newLibrary(t)
	images, layer := twoRepositories(l, server.Addr())
	if _, err := clientFor(t, server).Push(t.Context(), l.store, images[:1], nil); err != nil {
		t.Fatal(err)
	}
	server.ResetRequests()
	images[1].Sources = []imageref.Repository{refs.Repository("other.example/acme/tools"), images[0].Ref.Repository, images[1].Ref.Repository}
	if _, err := clientFor(t, server).Push(t.Context(), l.store, images[1:], nil); err != nil {
		t.Fatal(err)
	}
	if received := server.Received(testkit.Upload); received != 0 {
		t.Errorf("%d bytes of blobs were sent, the other repository has all %d", received, layer.Size)
	}
	wantPulled(t, images)
}

// Where nothing can be mounted the content is sent.
func TestPushWithoutMounts(t *testing.T) {
	mounts := func(fault testkit.Fault) testkit.Fault {
		return testkit.On(http.MethodPost, testkit.Upload, func(w http.ResponseWriter, r *http.Request, request testkit.Request) bool {
			return r.URL.Query().Get("mount") != "" && fault(w, r, request)
		})
	}
	for name, fault := range map[string]testkit.Fault{
		"nothing to mount": mounts(func(_ http.ResponseWriter, r *http.Request, _ testkit.Request) bool {
			r.URL.RawQuery = ""
			return false
		}),
		"refused": mounts(testkit.Answer(http.StatusForbidden, nil, "DENIED", "no")),
		"unknown": mounts(testkit.Answer(http.StatusNotFound, nil, "NAME_UNKNOWN", "no such repository")),
		"broken":  mounts(testkit.Answer(http.StatusBadGateway, nil, "", "")),
		"cut":     mounts(testkit.Cut(0)),
		"no token for both": testkit.On(http.MethodGet, testkit.Token, func(w http.ResponseWriter, r *http.Request, request testkit.Request) bool {
			both := len(strings.Fields(strings.Join(r.URL.Query()["scope"], " "))) > 1
			return both && testkit.Answer(http.StatusForbidden, nil, "DENIED", "denied")(w, r, request)
		}),
	} {
		t.Run(name, func(t *testing.T) {
			server, l := start(t, testkit.Options{}), newLibrary(t)
			images, _ := twoRepositories(l, server.Addr())
			server.Inject(fault)
			if _, err := clientFor(t, server).Push(t.Context(), l.store, images, nil); err != nil {
				t.Fatal(err)
			}
			server.Heal()
			wantPulled(t, images)
		})
	}
}

// A registry that loses a blob which it took, and says so for the manifest only.
func TestPushSendsLostBlobsAgain(t *testing.T) {
	for name, status := range map[string]int{"ghcr.io": http.StatusNotFound, "others": http.StatusBadRequest} {
		t.Run(name, func(t *testing.T) {
			server, l := start(t, testkit.Options{}), newLibrary(t)
			images := l.components(server, "stage-1", "a1")
			server.Inject(testkit.On(http.MethodPut, testkit.Manifest, testkit.Nth(1, func(w http.ResponseWriter, r *http.Request, request testkit.Request) bool {
				server.Forget(request.Repository)
				return testkit.Answer(status, nil, "MANIFEST_BLOB_UNKNOWN", "unknown blob")(w, r, request)
			})))
			var last push.Progress
			pushed, err := clientFor(t, server).Push(t.Context(), l.store, images, func(p push.Progress) { last = p })
			if err != nil {
				t.Fatal(err)
			}
			if last.Sent != last.Total || pushed[0].Uploaded == 0 {
				t.Errorf("progress ended at %+v, %+v", last, pushed)
			}
			wantPulled(t, images)
		})
	}
	server, l := start(t, testkit.Options{}), newLibrary(t)
	server.Inject(testkit.On(http.MethodPut, testkit.Manifest, testkit.Answer(http.StatusNotFound, nil, "MANIFEST_BLOB_UNKNOWN", "unknown blob")))
	if _, err := clientFor(t, server).Push(t.Context(), l.store, l.components(server, "stage-1", "a1"), nil); err == nil || !strings.Contains(err.Error(), "unknown blob") {
		t.Errorf("lost for ever: err = %v", err)
	}
}
