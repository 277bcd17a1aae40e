package registry_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/containerd/containerd/v2/core/content"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
	testkit "github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// retags asks for the same images under another tag.
func retags(images []push.Image, from, to string) []push.Image {
	list := make([]push.Image, len(images))
	for i, image := range images {
		list[i] = push.Image{Ref: refs.Image(strings.Replace(image.Ref.String(), from, to, 1)), Descriptor: image.Descriptor, Revision: image.Revision}
	}
	return list
}

func wantRetagged(t testing.TB, list []push.Image) {
	t.Helper()
	for _, image := range list {
		if got := pulled(t, image.Ref.String()); got != image.Descriptor.Digest.String() {
			t.Errorf("%s is %s, want %s", image.Ref, got, image.Descriptor.Digest)
		}
	}
}

func TestRetagCostsAsFewRequestsAsPossible(t *testing.T) {
	server, l := start(t, testkit.Options{}), newLibrary(t)
	images, client := l.components(server, "stage-1", "a1"), clientFor(t, server)
	if _, err := client.Push(t.Context(), l.store, images, nil); err != nil {
		t.Fatal(err)
	}
	for _, given := range []bool{false, true} {
		list, gets := retags(images, "stage-1", "stage-2"), 3
		if given {
			list, gets = retags(images, "stage-1", "stage-3"), 0
			for i := range list {
				found, err := client.Lookup(t.Context(), images[i].Ref)
				if err != nil {
					t.Fatal(err)
				}
				list[i].Manifest = found.Manifest
			}
		}
		server.ResetRequests()
		pushed, err := client.Retag(t.Context(), list)
		if err != nil {
			t.Fatal(err)
		}
		if all, heads, got, puts := server.Count("", ""), server.Count(http.MethodHead, testkit.Manifest),
			server.Count(http.MethodGet, testkit.Manifest), server.Count(http.MethodPut, testkit.Manifest); heads != 6 || got != gets || puts != 3 || all != heads+got+puts {
			t.Errorf("%d HEADs, %d GETs, %d PUTs of %d requests for three images", heads, got, puts, all)
		}
		for i, p := range pushed {
			if p.Ref != list[i].Ref || p.Digest != list[i].Descriptor.Digest || p.Existed || p.Uploaded != 0 || p.Duration <= 0 {
				t.Errorf("result %d is %+v", i, p)
			}
		}
		wantRetagged(t, list)
		server.ResetRequests()
		if pushed, err = client.Retag(t.Context(), list); err != nil || !pushed[0].Existed || !pushed[2].Existed {
			t.Errorf("again: %+v, %v", pushed, err)
		}
		if all, heads := server.Count("", ""), server.Count(http.MethodHead, testkit.Manifest); all != 3 || heads != 3 {
			t.Errorf("again: %d requests with %d HEADs, want 3", all, heads)
		}
	}
}

func TestRetagIndex(t *testing.T) {
	server, l := start(t, testkit.Options{}), newLibrary(t)
	client := clientFor(t, server)
	index := l.index(l.image("a1", l.layer("amd", 100)), l.imageFor(ocispec.Platform{OS: "linux", Architecture: "arm64"}, "a1", l.layer("arm", 100)))
	images := []push.Image{{Ref: refs.Image(server.Addr() + "/acme/backend:1"), Descriptor: index}}
	if _, err := client.Push(t.Context(), l.store, images, nil); err != nil {
		t.Fatal(err)
	}
	list := retags(images, ":1", ":2")
	if _, err := client.Retag(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	wantRetagged(t, list)
}

func TestRetagAllOrNone(t *testing.T) {
	server, l := start(t, testkit.Options{}), newLibrary(t)
	images, client := l.components(server, "stage-1", "a1"), clientFor(t, server)
	if _, err := client.Push(t.Context(), l.store, images[:2], nil); err != nil {
		t.Fatal(err)
	}
	before := tags(server)
	for name, test := range map[string]struct {
		list []push.Image
		is   error
		exit int
		want string
	}{
		"an image is missing": {retags(images, "stage-1", "stage-2"), registry.ErrNotFound, problem.Failed, images[2].Descriptor.Digest.String()},
		"a tag is taken": {[]push.Image{
			{Ref: refs.Image(server.Addr() + "/acme/backend:new"), Descriptor: images[0].Descriptor},
			{Ref: images[1].Ref, Descriptor: images[0].Descriptor, Revision: "b2"},
		}, nil, problem.Refused, images[1].Descriptor.Digest.String()},
		"a wrong manifest": {[]push.Image{{Ref: refs.Image(server.Addr() + "/acme/backend:new"), Descriptor: images[0].Descriptor, Manifest: []byte("{}")}}, nil, problem.Failed, "and not"},
		"no tag":           {[]push.Image{{Ref: refs.Image(server.Addr() + "/acme/backend"), Descriptor: images[0].Descriptor}}, nil, problem.Usage, "needs a tag"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := client.Retag(t.Context(), test.list)
			p := problem.As(err)
			if p == nil || p.ExitStatus() != test.exit || test.is != nil && !errors.Is(err, test.is) || !strings.Contains(p.Error(), test.want) {
				t.Errorf("err = %v, want %q with exit status %d", err, test.want, test.exit)
			}
			if got := tags(server); got != before {
				t.Errorf("%d tags were put", got-before)
			}
		})
	}
}

// TestCheckRetag refuses the tags that Retag refuses, in the same words, and puts none.
func TestCheckRetag(t *testing.T) {
	server, l := start(t, testkit.Options{}), newLibrary(t)
	images, client := l.components(server, "stage-1", "a1"), clientFor(t, server)
	if _, err := client.Push(t.Context(), l.store, images, nil); err != nil {
		t.Fatal(err)
	}
	there := push.Image{Ref: images[0].Ref, Descriptor: images[0].Descriptor}
	absent := push.Image{Ref: refs.Image(server.Addr() + "/acme/backend:new"), Descriptor: images[0].Descriptor}
	taken := push.Image{Ref: images[1].Ref, Descriptor: images[0].Descriptor, Revision: "b2"}
	before := tags(server)
	missing, err := client.CheckRetag(t.Context(), []push.Image{there, absent})
	if err != nil || len(missing) != 1 || missing[0] != absent.Ref {
		t.Errorf("missing %q, %v", missing, err)
	}
	_, checked := client.CheckRetag(t.Context(), []push.Image{there, absent, taken})
	_, refused := client.Retag(t.Context(), []push.Image{there, absent, taken})
	if checked == nil || refused == nil || checked.Error() != refused.Error() || problem.As(checked).ExitStatus() != problem.Refused {
		t.Errorf("checked: %v\nrefused: %v", checked, refused)
	}
	if got := tags(server); got != before {
		t.Errorf("%d tags were put", got-before)
	}
}

// A registry that accepts a tag and loses it is found out.
func TestRetagVerifies(t *testing.T) {
	server, l := start(t, testkit.Options{}), newLibrary(t)
	images, client := l.components(server, "stage-1", "a1"), clientFor(t, server)
	if _, err := client.Push(t.Context(), l.store, images, nil); err != nil {
		t.Fatal(err)
	}
	server.Inject(onTag(http.MethodPut, testkit.Nth(2, testkit.Lose())))
	if _, err := client.Retag(t.Context(), retags(images, "stage-1", "stage-2")); err == nil || !strings.Contains(err.Error(), "does not have it") {
		t.Errorf("err = %v", err)
	}
}

// TestRetagTellsSizes counts what a daemon has pushed, whose sizes nothing else knows: each blob once, in an index of two
// platforms, too.
func TestRetagTellsSizes(t *testing.T) {
	server, l := start(t, testkit.Options{}), newLibrary(t)
	client := clientFor(t, server)
	amd, arm := l.runnable("amd64"), l.runnable("arm64")
	index := l.index(amd, arm)
	images := []push.Image{
		{Ref: refs.Image(server.Addr() + "/acme/backend:image"), Descriptor: amd},
		{Ref: refs.Image(server.Addr() + "/acme/backend:index"), Descriptor: index},
	}
	if _, err := client.Push(t.Context(), l.store, images, nil); err != nil {
		t.Fatal(err)
	}
	retagged, err := client.Retag(t.Context(), retags(images, ":i", ":again-i"))
	if err != nil {
		t.Fatal(err)
	}
	blobs := map[string]int64{}
	for i, manifests := range [][]ocispec.Descriptor{{amd}, {amd, arm, index}} {
		var want int64
		for _, desc := range manifests {
			var manifest ocispec.Manifest
			data, err := content.ReadBlob(t.Context(), l.store, desc)
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(data, &manifest); err != nil {
				t.Fatal(err)
			}
			for _, blob := range append(manifest.Layers, manifest.Config) {
				blobs[blob.Digest.String()] = blob.Size
			}
			want += desc.Size
		}
		delete(blobs, "") // an index has no configuration
		for _, size := range blobs {
			want += size
		}
		if retagged[i].Size != want {
			t.Errorf("%s has %d bytes, want %d", retagged[i].Ref, retagged[i].Size, want)
		}
	}
}
