package registry_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"

	digest "github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
	testkit "github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// noDigests are texts that a server may write in a digest's place.
var noDigests = []digest.Digest{
	"", "nonsense", ":", "md5:d41d8cd98f00b204e9800998ecf8427e", "sha256:00", "sha256:../../../other/manifests/latest",
	digest.Digest("sha256:" + strings.Repeat("0", 63) + "?"), "sha1024:00",
}

// answerIndex answers with a document, as JSON.
func answerIndex(kind string, document any) testkit.Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ testkit.Request) bool {
		w.Header().Set("Content-Type", kind)
		data, err := json.Marshal(document)
		if err == nil {
			_, err = w.Write(data)
		}
		return err == nil
	}
}

// TestAttackDigestsOfAttachments: a list of what is attached to an image may say anything. The promotion is refused, asks for nothing that
// such a digest names, and tags nothing.
func TestAttackDigestsOfAttachments(t *testing.T) {
	w := newWay(t, 0, 1)
	from, to := refs.Repository(w.from.Addr()+"/acme/stage"), refs.Repository(w.to.Addr()+"/acme/prod")
	r := w.publish(from)
	for _, d := range noDigests {
		list := ocispec.Index{
			Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex,
			Manifests: []ocispec.Descriptor{{MediaType: ocispec.MediaTypeImageManifest, Digest: d, Size: 1 << 40}},
		}
		for name, place := range map[string]string{"by the registry": "/referrers/", "under a tag": "/manifests/sha256-" + r.root.Digest.Encoded()} {
			var mu sync.Mutex
			var asked []string
			w.from.Inject(func(rw http.ResponseWriter, q *http.Request, request testkit.Request) bool {
				mu.Lock()
				asked = append(asked, q.URL.Path)
				mu.Unlock()
				switch {
				case strings.Contains(q.URL.Path, place) && !strings.HasSuffix(q.URL.Path, ".sig"):
					return answerIndex(ocispec.MediaTypeImageIndex, list)(rw, q, request)
				case strings.Contains(q.URL.Path, "/referrers/"):
					rw.WriteHeader(http.StatusNotFound)
					return true
				}
				return false
			})
			_, err := w.client().Copy(t.Context(), r.copyOf(from, to), nil)
			w.heal()
			if err == nil || !strings.Contains(err.Error(), "digest") {
				t.Errorf("%q %s: err = %v", d, name, err)
			}
			for _, path := range asked {
				if d != "" && d != ":" && strings.Contains(path, string(d)) || strings.Contains(path, "other") {
					t.Errorf("%q %s: it asks for %s", d, name, path)
				}
			}
		}
	}
	if _, err := w.client().Resolve(t.Context(), to.Tagged("prod")); err == nil {
		t.Error("what was refused has a tag")
	}
}

// TestAttackDigestsOfAnImage: so may a manifest and an index that are read under a tag.
func TestAttackDigestsOfAnImage(t *testing.T) {
	server, l := start(t, testkit.Options{}), newLibrary(t)
	client, image := clientFor(t, server), push.Image{Ref: refs.Image(server.Addr() + "/acme/backend:1"), Descriptor: l.image("a1")}
	for _, d := range noDigests {
		child := ocispec.Descriptor{MediaType: ocispec.MediaTypeImageManifest, Digest: d, Size: 2}
		configuration := ocispec.Descriptor{MediaType: ocispec.MediaTypeImageConfig, Digest: d, Size: 2}
		for kind, document := range map[string]any{
			ocispec.MediaTypeImageIndex:    ocispec.Index{MediaType: ocispec.MediaTypeImageIndex, Manifests: []ocispec.Descriptor{child}},
			ocispec.MediaTypeImageManifest: ocispec.Manifest{MediaType: ocispec.MediaTypeImageManifest, Config: configuration, Layers: []ocispec.Descriptor{child}},
		} {
			server.Inject(testkit.On(http.MethodGet, testkit.Manifest, answerIndex(kind, document)))
			_, err := client.Lookup(t.Context(), image.Ref)
			isNone := d == "" && kind == ocispec.MediaTypeImageManifest // a manifest may have no configuration
			if (err == nil) != isNone || err != nil && !strings.Contains(err.Error(), "digest") {
				t.Errorf("%s with %q: %v", kind, d, err)
			}
			server.Heal()
		}
	}
}

// TestAttackEndlessListOfAttachments: a list that is longer than any is refused. Cut off it would be none, and a promotion without signatures.
func TestAttackEndlessListOfAttachments(t *testing.T) {
	w := newWay(t, 0, 1)
	from, to := refs.Repository(w.from.Addr()+"/acme/stage"), refs.Repository(w.to.Addr()+"/acme/prod")
	r := w.publish(from)
	list := ocispec.Index{MediaType: ocispec.MediaTypeImageIndex, Annotations: map[string]string{"long": strings.Repeat("x", 5<<20)}}
	w.from.Inject(func(rw http.ResponseWriter, q *http.Request, request testkit.Request) bool {
		return strings.Contains(q.URL.Path, "/referrers/") && answerIndex(ocispec.MediaTypeImageIndex, list)(rw, q, request)
	})
	if _, err := w.client().Copy(t.Context(), r.copyOf(from, to), nil); err == nil || !strings.Contains(err.Error(), "too many") {
		t.Errorf("err = %v", err)
	}
}
