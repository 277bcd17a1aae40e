package registry_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	digest "github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/tool"
)

// archive makes a compressed layer of one file, and its digest without compression.
func (l *library) archive(name string, size int) (layer ocispec.Descriptor, diffID digest.Digest) {
	l.t.Helper()
	var plain, packed bytes.Buffer
	w := tar.NewWriter(&plain)
	if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(size)}); err != nil {
		l.t.Fatal(err)
	}
	if _, err := w.Write(bytes.Repeat([]byte{'x'}, size)); err != nil {
		l.t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		l.t.Fatal(err)
	}
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(plain.Bytes()); err != nil {
		l.t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		l.t.Fatal(err)
	}
	return l.put(ocispec.MediaTypeImageLayerGzip, packed.Bytes()), digest.FromBytes(plain.Bytes())
}

// runnable makes an image whose layers are what they say.
func (l *library) runnable(architecture string) ocispec.Descriptor {
	l.t.Helper()
	platform := ocispec.Platform{OS: "linux", Architecture: architecture}
	image := ocispec.Image{Platform: platform, RootFS: ocispec.RootFS{Type: "layers"}}
	var layers []ocispec.Descriptor
	for _, name := range []string{"base", "app-" + architecture} {
		layer, diffID := l.archive(name, 40_000)
		layers, image.RootFS.DiffIDs = append(layers, layer), append(image.RootFS.DiffIDs, diffID)
		image.History = append(image.History, ocispec.History{CreatedBy: name})
	}
	desc := l.putJSON(ocispec.MediaTypeImageManifest, ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest,
		Config: l.putJSON(ocispec.MediaTypeImageConfig, image), Layers: layers,
	})
	desc.Platform = &platform
	return desc
}

// others runs the tools that people use with registries, logged in.
type others struct {
	t      testing.TB
	config string // directory of Docker's config.json
	crane  string
}

func newOthers(t testing.TB, host string) others {
	t.Helper()
	if _, err := exec.LookPath("skopeo"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("skopeo is not installed, and CI requires it")
		}
		t.Skip("skopeo is not installed: mage test installs it")
	}
	crane, err := tool.Build(t.Context(), "crane", "github.com/google/go-containerregistry/cmd/crane")
	if err != nil {
		t.Fatal(err)
	}
	o := others{t: t, config: t.TempDir(), crane: crane}
	auth := base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
	if err := os.WriteFile(filepath.Join(o.config, "config.json"), fmt.Appendf(nil, `{"auths":{%q:{"auth":%q}}}`, host, auth), 0o600); err != nil {
		t.Fatal(err)
	}
	return o
}

func (o others) environment() []string {
	return []string{"DOCKER_CONFIG=" + o.config, "REGISTRY_AUTH_FILE=" + filepath.Join(o.config, "config.json")}
}

func (o others) run(name string, args ...string) string {
	o.t.Helper()
	cmd := exec.CommandContext(o.t.Context(), name, args...)
	cmd.Env = append(os.Environ(), o.environment()...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		o.t.Errorf("%s %q: %v\n%s", filepath.Base(name), args, err, out)
	}
	return string(out)
}

// accept has the others read an image in whole and say which digest it has.
func (o others) accept(image push.Image) {
	o.t.Helper()
	o.run(o.crane, "validate", "--remote", image.Ref.String())
	o.run("skopeo", "copy", "--quiet", "--all", "--src-tls-verify=false", "docker://"+image.Ref.String(), "oci:"+filepath.Join(o.t.TempDir(), "copy"))
	var inspected struct {
		Digest string
		Layers []string
	}
	out := o.run("skopeo", "inspect", "--override-os=linux", "--override-arch=amd64", "--tls-verify=false", "docker://"+image.Ref.String())
	if err := json.Unmarshal([]byte(out), &inspected); err != nil {
		o.t.Fatalf("%v: %s", err, out)
	}
	if inspected.Digest != image.Descriptor.Digest.String() || len(inspected.Layers) != 2 {
		o.t.Errorf("skopeo says that %s is %+v, want %s", image.Ref, inspected, image.Descriptor.Digest)
	}
}

// What we wrote is good for skopeo and for crane: an image, an index of two platforms, a further tag of each, and layers
// that were mounted from another repository.
func TestConformanceForOthers(t *testing.T) {
	onEveryBackend(t, func(t *testing.T, w *world) {
		t.Helper()
		w = w.part(t)
		others := newOthers(t, w.Addr())
		amd := w.runnable("amd64")
		images := []push.Image{
			{Ref: refs.Image(w.ref("backend:image")), Descriptor: amd},
			{Ref: refs.Image(w.ref("backend:index")), Descriptor: w.index(amd, w.runnable("arm64"))},
			{Ref: refs.Image(w.ref("frontend:image")), Descriptor: amd},
		}
		w.push(images)
		list := retags(images, ":i", ":again-i")
		if _, err := w.client().Retag(t.Context(), list); err != nil {
			t.Fatal(err)
		}
		for i, image := range images {
			others.accept(image)
			others.accept(push.Image{Ref: list[i].Ref, Descriptor: image.Descriptor})
		}
	})
}
