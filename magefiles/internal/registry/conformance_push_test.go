package registry_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/auth"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
	testkit "github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

func TestConformance(t *testing.T) {
	onEveryBackend(t, func(t *testing.T, w *world) {
		t.Helper()
		for _, test := range []struct {
			name string
			run  func(*testing.T, *world)
		}{
			{"push", conformPush},
			{"push again", conformPushAgain},
			{"index", conformIndex},
			{"retag", conformRetag},
			{"alias", conformAlias},
			{"mount", conformMount},
			{"moved tag", conformMovedTag},
			{"not there", conformNotThere},
			{"right to push", conformRight},
		} {
			t.Run(test.name, func(t *testing.T) { test.run(t, w.part(t)) })
		}
	})
}

func conformPush(t *testing.T, w *world) {
	t.Helper()
	images := w.application("a1")
	for i, p := range w.push(images) {
		if p.Existed || p.Uploaded == 0 || p.Digest != images[i].Descriptor.Digest {
			t.Errorf("result %+v", p)
		}
	}
	w.wantPulled(images)
}

func conformPushAgain(t *testing.T, w *world) {
	t.Helper()
	images := w.application("a1")
	w.push(images)
	w.ResetRequests()
	for _, p := range w.push(images) {
		if !p.Existed || p.Uploaded != 0 {
			t.Errorf("result %+v", p)
		}
	}
	if heads := w.manifests(http.MethodHead); w.total() != 3 || heads < 3 {
		t.Errorf("%+v, want three HEADs", w.Requests())
	}
}

func conformIndex(t *testing.T, w *world) {
	t.Helper()
	amd, arm := w.image("a1", w.layer("amd", 100)), w.imageFor(ocispec.Platform{OS: "linux", Architecture: "arm64"}, "a1", w.layer("arm", 100))
	images := []push.Image{{Ref: refs.Image(w.ref("backend:1")), Descriptor: w.index(amd, arm)}}
	w.push(images)
	w.wantPulled(images)
	w.wantPulled([]push.Image{{Ref: refs.Image(w.ref("backend@" + amd.Digest.String())), Descriptor: amd}, {Ref: refs.Image(w.ref("backend@" + arm.Digest.String())), Descriptor: arm}})
	list := retags(images, ":1", ":2")
	if _, err := w.client().Retag(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	w.wantRetagged(list)
	found, err := w.client().Lookup(t.Context(), list[0].Ref)
	if err != nil || found.Descriptor.Digest != images[0].Descriptor.Digest || found.Origin.Revision != "a1" {
		t.Errorf("found %+v, %v", found, err)
	}
}

func conformRetag(t *testing.T, w *world) {
	t.Helper()
	images, client := w.application("a1"), w.client()
	if _, err := client.Push(t.Context(), w.store, images, nil); err != nil {
		t.Fatal(err)
	}
	w.ResetRequests()
	list := retags(images, "a1", "b2")
	if _, err := client.Retag(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	if heads, gets, puts := w.manifests(http.MethodHead), w.manifests(http.MethodGet), w.manifests(http.MethodPut); heads != 6 || gets != 3 || puts != 3 || w.total() != 12 {
		t.Errorf("%d HEADs, %d GETs, %d PUTs of %d requests for three images", heads, gets, puts, w.total())
	}
	w.wantRetagged(list)
}

func conformAlias(t *testing.T, w *world) {
	t.Helper()
	images := w.application("a1")
	images[0].Aliases, images[1].Aliases = []string{"inputs-1"}, []string{"core-a1"} // the second one is taken
	for _, p := range w.push(images) {
		if len(p.Notices) != 0 {
			t.Errorf("result %+v", p)
		}
	}
	w.wantPulled(append(images, push.Image{Ref: refs.Image(w.ref("backend:inputs-1")), Descriptor: images[0].Descriptor}))
	found, err := w.client().Lookup(t.Context(), refs.Image(w.ref("backend:inputs-1")))
	if err != nil || found.Descriptor.Digest != images[0].Descriptor.Digest {
		t.Errorf("found %+v, %v", found, err)
	}
}

func conformMount(t *testing.T, w *world) {
	t.Helper()
	layer := w.layer("base", 300_000)
	first := push.Image{Ref: refs.Image(w.ref("base:1")), Descriptor: w.image("a1", layer)}
	w.push([]push.Image{first})
	w.ResetRequests()
	second := push.Image{Ref: refs.Image(w.ref("backend:1")), Descriptor: w.image("b2", layer), Sources: []imageref.Repository{refs.Repository(w.ref("base"))}}
	third := push.Image{Ref: refs.Image(w.ref("frontend:1")), Descriptor: w.image("b2", layer)}
	pushed := w.push([]push.Image{second, third})
	if received := w.Received(testkit.Upload); received >= layer.Size {
		t.Errorf("%d bytes were sent of blobs, and the layer of %d is in the registry", received, layer.Size)
	}
	if pushed[0].Uploaded >= layer.Size || pushed[1].Uploaded >= layer.Size {
		t.Errorf("results %+v", pushed)
	}
	w.wantPulled([]push.Image{first, second, third})
}

func conformMovedTag(t *testing.T, w *world) {
	t.Helper()
	images := w.application("a1")
	theirs := push.Image{Ref: images[1].Ref, Descriptor: w.image("theirs", w.layer("theirs", 10))}
	w.push([]push.Image{theirs})
	before := w.tagged()
	_, err := w.client().Push(t.Context(), w.store, images, nil)
	if p := problem.As(err); p == nil || p.ExitStatus() != problem.Refused || !strings.Contains(p.Error(), theirs.Descriptor.Digest.String()) || !strings.Contains(p.Error(), "commit theirs") {
		t.Errorf("err = %v, want a refusal", err)
	}
	_, err = w.client().Retag(t.Context(), []push.Image{{Ref: images[1].Ref, Descriptor: images[0].Descriptor}})
	if p := problem.As(err); p == nil || p.ExitStatus() != problem.Refused {
		t.Errorf("retag: err = %v, want a refusal", err)
	}
	if w.tagged() != before {
		t.Error("a tag was put")
	}
	w.wantPulled([]push.Image{theirs})
}

func conformNotThere(t *testing.T, w *world) {
	t.Helper()
	absent := w.image("a1", w.layer("absent", 10))
	client := w.client(func(o *registry.Options) { o.Push = true })
	for _, name := range []string{"backend:1", "backend@" + absent.Digest.String()} {
		if _, err := client.Resolve(t.Context(), refs.Image(w.ref(name))); !errors.Is(err, registry.ErrNotFound) {
			t.Errorf("resolving %s: %v", name, err)
		}
		if _, err := client.Lookup(t.Context(), refs.Image(w.ref(name))); !errors.Is(err, registry.ErrNotFound) {
			t.Errorf("looking up %s: %v", name, err)
		}
	}
	if _, err := client.Retag(t.Context(), []push.Image{{Ref: refs.Image(w.ref("backend:1")), Descriptor: absent}}); !errors.Is(err, registry.ErrNotFound) {
		t.Errorf("retagging: %v", err)
	}
}

func conformRight(t *testing.T, w *world) {
	t.Helper()
	if err := w.client().CheckPush(t.Context(), refs.Repository(w.ref("backend"))); err != nil {
		t.Error(err)
	}
	wrong := auth.NewKeychain(t.TempDir(), auth.Token{Hosts: []string{w.Addr()}, User: user, Secret: "wrong", Name: "GHCR_TOKEN"})
	err := w.client(func(o *registry.Options) { o.Keychain = wrong }).CheckPush(t.Context(), refs.Repository(w.ref("backend")))
	if !errors.Is(err, registry.ErrDenied) {
		t.Errorf("with a wrong password: %v", err)
	}
}
