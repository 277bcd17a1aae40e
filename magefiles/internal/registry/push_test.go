package registry_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/validate"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
	testkit "github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// pulled fetches an image with another client than the one under test and checks all its content.
func pulled(t testing.TB, ref string) string {
	t.Helper()
	tag, err := name.ParseReference(ref)
	if err != nil {
		t.Fatal(err)
	}
	auth := remote.WithAuth(&authn.Basic{Username: user, Password: password})
	desc, err := remote.Get(tag, auth, remote.WithContext(t.Context()))
	if err != nil {
		t.Fatalf("pulling %s: %v", ref, err)
	}
	if desc.MediaType.IsIndex() {
		index, err := desc.ImageIndex()
		if err == nil {
			err = validate.Index(index, validate.Fast)
		}
		if err != nil {
			t.Errorf("pulling %s: %v", ref, err)
		}
		return desc.Digest.String()
	}
	image, err := desc.Image()
	if err == nil {
		err = validate.Image(image, validate.Fast)
	}
	if err != nil {
		t.Errorf("pulling %s: %v", ref, err)
	}
	return desc.Digest.String()
}

func wantPulled(t testing.TB, images []push.Image) {
	t.Helper()
	for _, image := range images {
		if got := pulled(t, image.Ref.String()); got != image.Descriptor.Digest.String() {
			t.Errorf("%s is %s, want %s", image.Ref, got, image.Descriptor.Digest)
		}
	}
}

// tags counts the manifests that were put under a tag.
func TestPushSharesLayers(t *testing.T) {
	server, l := start(t, testkit.Options{}), newLibrary(t)
	images := l.components(server, "stage-1", "a1")
	var last push.Progress
	pushed, err := clientFor(t, server).Push(t.Context(), l.store, images, func(p push.Progress) {
		if p.Sent+p.Present > p.Total {
			t.Errorf("progress beyond the end: %+v", p)
		}
		last = p
	})
	if err != nil {
		t.Fatal(err)
	}
	posts, tokens := server.Count(http.MethodPost, testkit.Upload), server.Count("", testkit.Token)
	wantPulled(t, images)
	var uploaded int64
	for i, p := range pushed {
		if p.Ref != images[i].Ref || p.Digest != images[i].Descriptor.Digest || p.Existed || p.Uploaded == 0 || p.Duration <= 0 {
			t.Errorf("result %d is %+v", i, p)
		}
		uploaded += p.Uploaded
	}
	if last.Sent != last.Total || last.Present != 0 || uploaded != last.Total {
		t.Errorf("progress ended at %+v with %d bytes uploaded", last, uploaded)
	}
	if posts != 7 {
		t.Errorf("%d uploads, want 7: a shared layer, and a layer and a configuration each", posts)
	}
	if tokens != 1 {
		t.Errorf("%d tokens, want one for the repository", tokens)
	}
}

func TestPushAgainSendsNothing(t *testing.T) {
	server, l := start(t, testkit.Options{}), newLibrary(t)
	images, client := l.components(server, "stage-1", "a1"), clientFor(t, server)
	if _, err := client.Push(t.Context(), l.store, images, nil); err != nil {
		t.Fatal(err)
	}
	server.ResetRequests()
	pushed, err := client.Push(t.Context(), l.store, images, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pushed {
		if !p.Existed || p.Uploaded != 0 {
			t.Errorf("%+v was pushed again", p)
		}
	}
	if all, heads := server.Count("", ""), server.Count(http.MethodHead, testkit.Manifest); all != 3 || heads != 3 {
		t.Errorf("%d requests with %d HEADs of a manifest, want 3 and 3: %+v", all, heads, server.Requests())
	}
}

// One client, the same image under a second tag and in a second repository: containerd's resolver, used twice, would
// report success and send nothing.
func TestPushSecondTagAndRepository(t *testing.T) {
	server, l := start(t, testkit.Options{}), newLibrary(t)
	client, desc := clientFor(t, server), l.image("a1", l.layer("base", 100))
	for _, ref := range []string{"/acme/backend:one", "/acme/backend:two", "/acme/frontend:one"} {
		images := []push.Image{{Ref: refs.Image(server.Addr() + ref), Descriptor: desc}}
		if _, err := client.Push(t.Context(), l.store, images, nil); err != nil {
			t.Fatal(err)
		}
		wantPulled(t, images)
	}
}

func TestPushTwoRepositoriesAtOnce(t *testing.T) {
	server, l := start(t, testkit.Options{}), newLibrary(t)
	desc := l.image("a1", l.layer("base", 100))
	images := []push.Image{
		{Ref: refs.Image(server.Addr() + "/acme/backend:1"), Descriptor: desc},
		{Ref: refs.Image(server.Addr() + "/acme/frontend:1"), Descriptor: desc},
	}
	if _, err := clientFor(t, server).Push(t.Context(), l.store, images, nil); err != nil {
		t.Fatal(err)
	}
	if got := server.Count("", testkit.Token); got != 3 {
		t.Errorf("%d tokens, want one a repository and one to mount from one into the other", got)
	}
	wantPulled(t, images)
}

func TestPushIndexWhole(t *testing.T) {
	server, l := start(t, testkit.Options{}), newLibrary(t)
	amd := l.image("a1", l.layer("amd", 100))
	arm := l.imageFor(ocispec.Platform{OS: "linux", Architecture: "arm64"}, "a1", l.layer("arm", 100))
	attestation := l.imageFor(ocispec.Platform{OS: "unknown", Architecture: "unknown"}, "", l.layer("provenance", 100))
	attestation.Annotations = map[string]string{"vnd.docker.reference.type": "attestation-manifest"}
	images := []push.Image{{Ref: refs.Image(server.Addr() + "/acme/backend:1"), Descriptor: l.index(attestation, amd, arm)}}
	client := clientFor(t, server)
	if _, err := client.Push(t.Context(), l.store, images, nil); err != nil {
		t.Fatal(err)
	}
	wantPulled(t, images)
	for _, desc := range []ocispec.Descriptor{attestation, amd, arm} {
		if got := pulled(t, server.Addr()+"/acme/backend@"+desc.Digest.String()); got != desc.Digest.String() {
			t.Errorf("%s is %s", desc.Digest, got)
		}
	}
	if origin, err := client.Origin(t.Context(), images[0].Ref, images[0].Descriptor); origin.Revision != "a1" || err != nil {
		t.Errorf("origin %v, %v; want that of the first platform", origin, err)
	}
}

// Another run puts one of the tags while this one uploads.
func TestPushCancelled(t *testing.T) {
	stop := errors.New("stopped by the user")
	for name, kind := range map[string]testkit.Kind{"during an upload": testkit.Upload, "before the first tag": testkit.Manifest} {
		t.Run(name, func(t *testing.T) {
			server, l := start(t, testkit.Options{}), newLibrary(t)
			images := l.components(server, "stage-1", "a1")
			ctx, cancel := context.WithCancelCause(t.Context())
			cut := testkit.Fault(func(_ http.ResponseWriter, r *http.Request, _ testkit.Request) bool {
				cancel(stop)
				<-r.Context().Done()
				return true
			})
			server.Inject(testkit.On(http.MethodPut, kind, cut))
			if _, err := clientFor(t, server).Push(ctx, l.store, images, nil); !errors.Is(err, stop) {
				t.Errorf("err = %v, want the cause of the cancellation", err)
			}
			server.Heal()
			if got := tags(server); got != 0 {
				t.Errorf("%d tags after the cancellation", got)
			}
			if _, err := clientFor(t, server).Push(t.Context(), l.store, images, nil); err != nil {
				t.Errorf("pushing again: %v", err)
			}
			wantPulled(t, images)
		})
	}
}

func TestPushInputs(t *testing.T) {
	server, l := start(t, testkit.Options{}), newLibrary(t)
	desc := l.image("a1", l.layer("base", 100))
	absent := ocispec.Descriptor{MediaType: ocispec.MediaTypeImageLayer, Digest: "sha256:" + ocispec.DescriptorEmptyJSON.Digest[7:], Size: 2}
	for name, test := range map[string]struct {
		images []push.Image
		want   string
	}{
		"no tag":     {[]push.Image{{Ref: refs.Image(server.Addr() + "/acme/a"), Descriptor: desc}}, "needs a tag"},
		"digest":     {[]push.Image{{Ref: refs.Image(server.Addr() + "/acme/a:1@" + desc.Digest.String()), Descriptor: desc}}, "needs a tag"},
		"twice":      {[]push.Image{{Ref: refs.Image(server.Addr() + "/acme/a:1"), Descriptor: desc}, {Ref: refs.Image(server.Addr() + "/acme/a:1"), Descriptor: desc}}, "two images"},
		"not built":  {[]push.Image{{Ref: refs.Image(server.Addr() + "/acme/a:1"), Descriptor: l.image("a1", absent)}}, "mage build"},
		"bad reader": {[]push.Image{{Ref: refs.Image(server.Addr() + "/acme/a:1"), Descriptor: absent}}, "mage build"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := clientFor(t, server).Push(t.Context(), l.store, test.images, nil)
			if p := problem.As(err); p == nil || !strings.Contains(p.Error(), test.want) {
				t.Errorf("err = %v, want %q", err, test.want)
			}
			if server.Count(http.MethodPut, "") != 0 {
				t.Error("something was sent")
			}
		})
	}
}
