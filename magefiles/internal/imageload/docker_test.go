package imageload_test

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/compression"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/ocilayout"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageload"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

func TestDockerRunsWhatWasLoaded(t *testing.T) {
	target := find(t, dockerOptions(t))
	if !strings.HasPrefix(target.String(), "Docker ") || !strings.HasPrefix(target.Platform(), "linux/") {
		t.Errorf("it is %s for %s", target, target.Platform())
	}
	i := newImages(t).add("ghcr.io/acme/app:one", saying(t, "one", runtime.GOARCH)).add("localhost:5000/acme/app:two", saying(t, "two", runtime.GOARCH))
	result := must(t, target, i)
	for ref, word := range map[string]string{"ghcr.io/acme/app:one": "one", "localhost:5000/acme/app:two": "two"} {
		if result.States[ref] != imageload.Loaded {
			t.Errorf("%s is %s", ref, result.States[ref])
		}
		if out := run(t, ref); out != word {
			t.Errorf("%s says %q", ref, out)
		}
	}
}

func TestWhatDockerHasIsNotSent(t *testing.T) {
	target := find(t, dockerOptions(t))
	ref := "ghcr.io/acme/again:1"
	first := newImages(t).add(ref, saying(t, "first", runtime.GOARCH))
	if sent := must(t, target, first).Sent; sent < 1<<19 {
		t.Errorf("%d bytes were sent", sent)
	}
	again := must(t, target, first)
	if again.Sent != 0 || again.States[ref] != imageload.Present {
		t.Errorf("the second time %d bytes were sent, %s", again.Sent, again.States[ref])
	}
	moved := must(t, target, newImages(t).add(ref, saying(t, "second", runtime.GOARCH)))
	if moved.States[ref] != imageload.Loaded || run(t, ref) != "second" {
		t.Errorf("the name with other content is %s and says %q", moved.States[ref], run(t, ref))
	}
}

// TestSharedLayersAreSentOnce compares the bytes of two images on one base with those of one.
func TestSharedLayersAreSentOnce(t *testing.T) {
	target := find(t, dockerOptions(t))
	one := must(t, target, newImages(t).add("ghcr.io/acme/shared:1", saying(t, "1", runtime.GOARCH))).Sent
	both := must(t, target, newImages(t).add("ghcr.io/acme/shared:2", saying(t, "2", runtime.GOARCH)).
		add("ghcr.io/acme/shared:3", saying(t, "3", runtime.GOARCH))).Sent
	if both > one+one/10 {
		t.Errorf("one image took %d bytes, two on the same base %d", one, both)
	}
}

func TestDockerGetsItsPlatformOfAnIndex(t *testing.T) {
	target := find(t, dockerOptions(t))
	_, mine, _ := strings.Cut(target.Platform(), "/")
	i := newImages(t).add("ghcr.io/acme/index:both", index(t, other(), mine)).add("ghcr.io/acme/index:foreign", index(t, other()))
	result := must(t, target, i)
	if out := run(t, "ghcr.io/acme/index:both"); out != mine {
		t.Errorf("on %s runs the image of %q", mine, out)
	}
	if state := result.States["ghcr.io/acme/index:foreign"]; state != imageload.Foreign {
		t.Errorf("an index without %s is %s", mine, state)
	}
	if again := must(t, target, i); again.Sent != 0 || again.States["ghcr.io/acme/index:both"] != imageload.Present {
		t.Errorf("the second time %d bytes were sent, %v", again.Sent, again.States)
	}
}

// TestDockerRunsWhatBuildKitBuilt takes an image from its Dockerfile to its output.
func TestDockerRunsWhatBuildKitBuilt(t *testing.T) {
	target := find(t, dockerOptions(t))
	dir, ref, desc := built(t)
	layout, err := ocilayout.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	result, err := target.Load(t.Context(), layout.Store(), []imageload.Image{{Ref: ref, Descriptor: desc}})
	if err != nil || result.States[ref] != imageload.Loaded {
		t.Fatalf("%v, %v", result, err)
	}
	if out := run(t, ref); out != "made by a step" {
		t.Errorf("it says %q", out)
	}
}

func TestDockerTakesZstd(t *testing.T) {
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	text := "from a layer of zstd"
	if err := w.WriteHeader(&tar.Header{Name: "text", Mode: 0o644, Size: int64(len(text))}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(archive.Bytes())), nil },
		tarball.WithCompression(compression.ZStd), tarball.WithMediaType(types.OCILayerZStd))
	if err != nil {
		t.Fatal(err)
	}
	image, err := mutate.AppendLayers(command(t, "cat", "/text"), layer)
	if err != nil {
		t.Fatal(err)
	}
	must(t, find(t, dockerOptions(t)), newImages(t).add("ghcr.io/acme/zstd:1", image))
	if out := run(t, "ghcr.io/acme/zstd:1"); out != text {
		t.Errorf("it says %q", out)
	}
}

func TestDockerRefusesALayer(t *testing.T) {
	target := find(t, dockerOptions(t))
	bad := static.NewLayer([]byte("no archive at all"), types.OCIUncompressedLayer)
	image, err := mutate.AppendLayers(saying(t, "never", runtime.GOARCH), bad)
	if err != nil {
		t.Fatal(err)
	}
	i := newImages(t).add("ghcr.io/acme/bad:1", image)
	_, err = target.Load(t.Context(), i.store(), i.list)
	p := problem.As(err)
	if p == nil || !strings.Contains(p.Error(), "loading images into Docker 20") || !strings.Contains(p.Remedy, "mage push") {
		t.Errorf("error %v", err)
	}
}

func TestLoadIntoDockerIsCancelled(t *testing.T) {
	target := find(t, dockerOptions(t))
	ref := "ghcr.io/acme/cancelled:1"
	i := newImages(t).add(ref, saying(t, "cancelled", runtime.GOARCH))
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("interrupted")
	_, err := target.Load(ctx, stopping{i.store(), func() { cancel(cause) }}, i.list)
	if !errors.Is(err, cause) {
		t.Errorf("error %v", err)
	}
	if result := must(t, target, i); result.States[ref] != imageload.Loaded || run(t, ref) != "cancelled" {
		t.Errorf("after a cancelled load it is %s", result.States[ref])
	}
}

func TestDockerThatIsNotThere(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "none.sock")
	_, _, err := imageload.Find(t.Context(), imageload.Options{
		Loader: config.LoaderDocker, Docker: imageload.DockerOptions{Host: "unix://" + socket, ConfigDir: t.TempDir()},
	})
	p := problem.As(err)
	if p == nil || p.ExitStatus() != problem.Failed || !strings.Contains(p.Error(), socket) || !strings.Contains(p.Remedy, "load: none") {
		t.Errorf("error %v", err)
	}
}

// TestDockerThatEndsInTheMiddle closes the connection while it is being loaded.
func TestDockerThatEndsInTheMiddle(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "docker.sock")
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/version"):
			_, _ = w.Write([]byte(`{"Version":"20.10.24","ApiVersion":"1.41","Os":"linux","Arch":"amd64"}`))
		case strings.HasSuffix(r.URL.Path, "/json"):
			http.Error(w, `{"message":"no such image"}`, http.StatusNotFound)
		default:
			_, _ = r.Body.Read(make([]byte, 1))
			panic(http.ErrAbortHandler)
		}
	})}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	target := find(t, imageload.Options{Loader: config.LoaderDocker, Docker: imageload.DockerOptions{Host: "unix://" + socket, ConfigDir: t.TempDir()}})
	i := newImages(t).add("ghcr.io/acme/lost:1", saying(t, "lost", runtime.GOARCH))
	if _, err := target.Load(t.Context(), i.store(), i.list); problem.As(err) == nil {
		t.Errorf("error %v", err)
	}
}
