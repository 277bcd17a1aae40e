package imageload_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/containerd/containerd/v2/core/content"
	contentlocal "github.com/containerd/containerd/v2/plugins/content/local"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageload"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/baseimage"
)

// images is an image layout in a directory.
type images struct {
	t    *testing.T
	path layout.Path
	list []imageload.Image
}

func newImages(t *testing.T) *images {
	t.Helper()
	path, err := layout.Write(t.TempDir(), empty.Index)
	if err != nil {
		t.Fatal(err)
	}
	return &images{t: t, path: path}
}

// add puts an image or an index into the layout.
func (i *images) add(ref string, image partial.Describable) *images {
	i.t.Helper()
	var err error
	switch image := image.(type) {
	case v1.Image:
		err = i.path.AppendImage(image)
	case v1.ImageIndex:
		err = i.path.AppendIndex(image)
	}
	if err != nil {
		i.t.Fatal(err)
	}
	desc, err := partial.Descriptor(image)
	if err != nil {
		i.t.Fatal(err)
	}
	i.list = append(i.list, imageload.Image{Ref: ref, Descriptor: ocispec.Descriptor{
		MediaType: string(desc.MediaType), Digest: digest.Digest(desc.Digest.String()), Size: desc.Size,
	}})
	return i
}

// store returns the blobs.
func (i *images) store() content.Store {
	i.t.Helper()
	store, err := contentlocal.NewStore(string(i.path))
	if err != nil {
		i.t.Fatal(err)
	}
	return store
}

// base is an image with a shell, by its toolbox.
func base(t *testing.T) v1.Image {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	binary, err := baseimage.Binary(t.Context(), filepath.Join(cache, "astrago-ci", "bin"))
	if err != nil {
		t.Fatal(err)
	}
	image, err := baseimage.Image(binary)
	if err != nil {
		t.Fatal(err)
	}
	return image
}

// saying is an image whose command prints a word, for a platform of Linux.
func saying(t *testing.T, word, architecture string) v1.Image {
	t.Helper()
	return configured(t, architecture, "echo", word)
}

// command is an image for this machine that runs a command.
func command(t *testing.T, line ...string) v1.Image {
	t.Helper()
	return configured(t, runtime.GOARCH, line...)
}

func configured(t *testing.T, architecture string, command ...string) v1.Image {
	t.Helper()
	image := base(t)
	file, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	file = file.DeepCopy()
	file.Architecture = architecture
	file.Config.Cmd = command
	image, err = mutate.ConfigFile(image, file)
	if err != nil {
		t.Fatal(err)
	}
	return mutate.ConfigMediaType(mutate.MediaType(image, types.OCIManifestSchema1), types.OCIConfigJSON)
}

// index is an index of one image for each of the architectures, each saying its own name, with an attestation as BuildKit
// adds it.
func index(t *testing.T, architectures ...string) v1.ImageIndex {
	t.Helper()
	all := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, architecture := range architectures {
		all = mutate.AppendManifests(all, mutate.IndexAddendum{
			Add:        saying(t, architecture, architecture),
			Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: architecture}},
		})
	}
	attestation, err := mutate.AppendLayers(empty.Image, static.NewLayer([]byte("{}"), "application/vnd.in-toto+json"))
	if err != nil {
		t.Fatal(err)
	}
	return mutate.AppendManifests(all, mutate.IndexAddendum{
		Add: attestation, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "unknown", Architecture: "unknown"}},
	})
}

// other is an architecture that this machine does not have.
func other() string {
	if runtime.GOARCH == "arm64" {
		return "amd64"
	}
	return "arm64"
}

// find returns the target that answers.
func find(t *testing.T, o imageload.Options) imageload.Target {
	t.Helper()
	target, reason, err := imageload.Find(t.Context(), o)
	if err != nil || target == nil {
		t.Fatalf("no target: %s, %v", reason, err)
	}
	t.Cleanup(func() {
		if err := target.Close(); err != nil {
			t.Error(err)
		}
	})
	return target
}

// dockerOptions name the Engine of the tests and nothing of this machine's.
func dockerOptions(t *testing.T) imageload.Options {
	t.Helper()
	return imageload.Options{Loader: config.LoaderDocker, Docker: imageload.DockerOptions{Host: dockerEngine.Get(t).Host(), ConfigDir: t.TempDir()}}
}

// must loads and gives what became of the images.
func must(t *testing.T, target imageload.Target, i *images) imageload.Result {
	t.Helper()
	result, err := target.Load(t.Context(), i.store(), i.list)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// run runs an image and gives its output.
func run(t *testing.T, ref string) string {
	t.Helper()
	out, err := dockerEngine.Get(t).Command(t.Context(), "run", "--rm", "--network=none", ref).CombinedOutput()
	if err != nil {
		t.Errorf("docker run: %v", err)
	}
	return string(bytes.TrimSpace(out))
}

// stopping is a provider that calls stop in the middle of the largest blob.
type stopping struct {
	content.Provider
	stop func()
}

func (s stopping) ReaderAt(ctx context.Context, desc ocispec.Descriptor) (content.ReaderAt, error) {
	reader, err := s.Provider.ReaderAt(ctx, desc)
	return &stoppingReader{ReaderAt: reader, half: desc.Size / 2, stop: s.stop}, err
}

type stoppingReader struct {
	content.ReaderAt
	half    int64
	stop    func()
	stopped atomic.Bool
}

func (r *stoppingReader) ReadAt(p []byte, at int64) (int, error) {
	if at > r.half && r.half > 1<<16 && !r.stopped.Swap(true) {
		r.stop()
	}
	n, err := r.ReaderAt.ReadAt(p, at)
	if err == nil && n < len(p) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}
