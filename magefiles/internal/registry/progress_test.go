package registry_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/containerd/containerd/v2/core/content"
	digest "github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
	testkit "github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// A large layer is reported while it is sent, given back when its upload breaks off, and counted once in the end.
func TestProgressOfBrokenUpload(t *testing.T) {
	server, l := start(t, testkit.Options{}), newLibrary(t)
	small, large := l.layer("small", 1000), l.layer("large", 5<<20)
	images := []push.Image{{Ref: refs.Image(server.Addr() + "/acme/backend:1"), Descriptor: l.image("a1", small, large)}}
	server.Inject(testkit.On(http.MethodPut, testkit.Upload, func(w http.ResponseWriter, r *http.Request, request testkit.Request) bool {
		if r.ContentLength != large.Size {
			return false
		}
		server.Heal()
		return testkit.Cut(4<<20)(w, r, request)
	}))
	var reports []push.Progress
	if _, err := clientFor(t, server).Push(t.Context(), l.store, images, func(p push.Progress) { reports = append(reports, p) }); err != nil {
		t.Fatal(err)
	}
	partly, backwards := false, false
	for i, p := range reports {
		if p.Sent < 0 || p.Sent+p.Present > p.Total {
			t.Errorf("report %d is %+v", i, p)
		}
		partly = partly || p.Sent > 1<<20 && p.Sent < large.Size
		backwards = backwards || i > 0 && p.Sent < reports[i-1].Sent
	}
	if last := reports[len(reports)-1]; last.Sent != last.Total || !partly || !backwards {
		t.Errorf("partly %v, backwards %v, last %+v", partly, backwards, last)
	}
}

func TestProgressOfPresentContent(t *testing.T) {
	server, l := start(t, testkit.Options{}), newLibrary(t)
	client, base := clientFor(t, server), l.layer("base", 5000)
	var last push.Progress
	for _, name := range []string{"first", "second"} {
		images := []push.Image{{Ref: refs.Image(server.Addr() + "/acme/backend:" + name), Descriptor: l.image(name, base)}}
		if _, err := client.Push(t.Context(), l.store, images, func(p push.Progress) { last = p }); err != nil {
			t.Fatal(err)
		}
	}
	if last.Present != base.Size || last.Sent+last.Present != last.Total {
		t.Errorf("the second push ended at %+v, want the base of %d bytes present", last, base.Size)
	}
}

// What a licence keeps elsewhere is not pushed, and need not be here.
func TestPushLeavesOutForeignLayers(t *testing.T) {
	server, l := start(t, testkit.Options{}), newLibrary(t)
	foreign := ocispec.Descriptor{
		MediaType: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", Digest: digest.FromString("windows"), Size: 7,
		URLs: []string{"https://registry.invalid/windows"},
	}
	images := []push.Image{{Ref: refs.Image(server.Addr() + "/acme/backend:1"), Descriptor: l.image("a1", l.layer("base", 10), foreign)}}
	if _, err := clientFor(t, server).Push(t.Context(), l.store, images, nil); err != nil {
		t.Error(err)
	}
}

// broken is a store whose disk fails for one blob, after it was found to be there.
type broken struct {
	content.Store
	digest digest.Digest
}

var errDisk = errors.New("input/output error")

func (b broken) ReaderAt(ctx context.Context, desc ocispec.Descriptor) (content.ReaderAt, error) {
	if desc.Digest == b.digest {
		return nil, errDisk
	}
	return b.Store.ReaderAt(ctx, desc)
}

func TestPushWithBrokenStore(t *testing.T) {
	server, l := start(t, testkit.Options{}), newLibrary(t)
	layer := l.layer("base", 10)
	images := []push.Image{{Ref: refs.Image(server.Addr() + "/acme/backend:1"), Descriptor: l.image("a1", layer)}}
	_, err := clientFor(t, server).Push(t.Context(), broken{l.store, layer.Digest}, images, nil)
	if p := problem.As(err); p == nil || !errors.Is(err, errDisk) || !strings.Contains(p.Error(), "input/output error") {
		t.Errorf("err = %v", err)
	}
	if tags(server) != 0 {
		t.Error("a tag was put")
	}
}
