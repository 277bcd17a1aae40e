package registry_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	digest "github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/inspect"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
	testkit "github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

func TestOrigin(t *testing.T) {
	server, l := start(t, testkit.Options{}), newLibrary(t)
	client := clientFor(t, server)
	labelled := l.image("a1", l.layer("base", 10))
	annotated := l.claiming("b2", "i1", "b2", "i1")
	whole := l.claimingIndex("c3", "i2", l.claiming("c3", "i2", "c3", "i2"))
	for name, test := range map[string]struct {
		desc     ocispec.Descriptor
		want     inspect.Origin
		requests int // of a Lookup
	}{
		"label":           {labelled, inspect.Origin{Revision: "a1"}, 2},
		"annotations":     {annotated, inspect.Origin{Revision: "b2", Key: "i1"}, 2},
		"none":            {l.image(""), inspect.Origin{}, 2},
		"index":           {l.index(labelled), inspect.Origin{Revision: "a1"}, 3},
		"annotated index": {whole, inspect.Origin{Revision: "c3", Key: "i2"}, 3},
		"index of those":  {l.index(annotated), inspect.Origin{Revision: "b2", Key: "i1"}, 3},
		"empty index":     {l.index(), inspect.Origin{}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			image := push.Image{Ref: refs.Image(server.Addr() + "/acme/backend:" + strings.ReplaceAll(name, " ", "-")), Descriptor: test.desc}
			if _, err := client.Push(t.Context(), l.store, []push.Image{image}, nil); err != nil {
				t.Fatal(err)
			}
			if got, err := client.Origin(t.Context(), image.Ref, test.desc); got != test.want || err != nil {
				t.Errorf("origin %v, %v; want %v", got, err, test.want)
			}
			server.ResetRequests()
			found, err := client.Lookup(t.Context(), image.Ref)
			if err != nil || found.Origin != test.want || found.Descriptor.Digest != test.desc.Digest ||
				found.Descriptor.MediaType != test.desc.MediaType || found.Descriptor.Size != test.desc.Size || digest.FromBytes(found.Manifest) != test.desc.Digest {
				t.Errorf("found %+v, %v; want %v with %v", found, err, test.desc, test.want)
			}
			if got := server.Count("", ""); got != test.requests {
				t.Errorf("%d requests, want %d: %+v", got, test.requests, server.Requests())
			}
		})
	}
	missing := ocispec.Descriptor{MediaType: ocispec.MediaTypeImageManifest, Digest: l.layer("absent", 9).Digest, Size: 9}
	if _, err := client.Origin(t.Context(), refs.Image(server.Addr()+"/acme/backend:1"), missing); !errors.Is(err, registry.ErrNotFound) {
		t.Errorf("a missing manifest: err = %v", err)
	}
	for _, name := range []string{":absent", "@" + missing.Digest.String()} {
		if found, err := client.Lookup(t.Context(), refs.Image(server.Addr()+"/acme/backend"+name)); !errors.Is(err, registry.ErrNotFound) || problem.As(err) == nil {
			t.Errorf("%s: found %+v, %v", name, found, err)
		}
	}
	if _, err := client.Lookup(t.Context(), refs.Image(server.Addr()+"/acme/backend")); problem.As(err) == nil || problem.As(err).ExitStatus() != problem.Usage {
		t.Errorf("without a tag: err = %v", err)
	}
}

// A registry may send blobs from elsewhere, with a signed link; neither the link's signature nor our token may get out.
func TestOriginBehindRedirect(t *testing.T) {
	var header http.Header
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header = r.Header
		w.WriteHeader(http.StatusForbidden)
	}))
	defer elsewhere.Close()
	server, l := start(t, testkit.Options{}), newLibrary(t)
	client, image := clientFor(t, server), push.Image{Ref: refs.Image(server.Addr() + "/acme/backend:1"), Descriptor: l.image("a1", l.layer("base", 10))}
	if _, err := client.Push(t.Context(), l.store, []push.Image{image}, nil); err != nil {
		t.Fatal(err)
	}
	server.Inject(testkit.On(http.MethodGet, testkit.Blob, func(w http.ResponseWriter, r *http.Request, _ testkit.Request) bool {
		http.Redirect(w, r, strings.Replace(elsewhere.URL, "127.0.0.1", "localhost", 1)+"/blob?X-Signature=topsecret", http.StatusTemporaryRedirect)
		return true
	}))
	_, err := client.Origin(t.Context(), image.Ref, image.Descriptor)
	if err == nil || strings.Contains(err.Error(), "topsecret") {
		t.Errorf("err = %v", err)
	}
	if header == nil || header.Get("Authorization") != "" {
		t.Errorf("the other host got %v", header)
	}
	elsewhere.Close()
	if _, err := client.Origin(t.Context(), image.Ref, image.Descriptor); err == nil || strings.Contains(err.Error(), "topsecret") || !strings.Contains(err.Error(), "nothing listens at localhost:") {
		t.Errorf("err = %v", err)
	}
}

// What a registry sends under a digest is checked, and so is a document that nobody could want to read.
func TestLookupChecksWhatComes(t *testing.T) {
	server, l := start(t, testkit.Options{}), newLibrary(t)
	client, image := clientFor(t, server), push.Image{Ref: refs.Image(server.Addr() + "/acme/backend:1"), Descriptor: l.image("a1")}
	if _, err := client.Push(t.Context(), l.store, []push.Image{image}, nil); err != nil {
		t.Fatal(err)
	}
	body := []byte("{}")
	server.Inject(testkit.On(http.MethodGet, testkit.Manifest, func(w http.ResponseWriter, _ *http.Request, _ testkit.Request) bool {
		_, err := w.Write(body)
		return err == nil
	}))
	if _, err := client.Origin(t.Context(), image.Ref, image.Descriptor); err == nil || !strings.Contains(err.Error(), "sent content with the digest") {
		t.Errorf("other content: err = %v", err)
	}
	body = []byte(strings.Repeat(" ", 5<<20))
	if _, err := client.Lookup(t.Context(), image.Ref); err == nil || !strings.Contains(err.Error(), "too many") {
		t.Errorf("too much content: err = %v", err)
	}
}
