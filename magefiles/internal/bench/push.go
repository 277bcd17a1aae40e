package bench

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/build"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

const (
	bigLayers = 8
	layerSize = 500 << 20 / bigLayers // bytes that do not compress
)

// push uploads 500 MB in eight layers from one layout: to a repository that is empty, and again.
func (w *workload) push(ctx context.Context) ([]Row, error) {
	a, err := w.application(ctx, shape{components: 1, small: true})
	if err != nil {
		return nil, err
	}
	skopeo, err := w.options.Tools.Package(ctx, "skopeo")
	if err != nil {
		return nil, err
	}
	crane, err := w.options.Tools.Tool(ctx, "crane", "github.com/google/go-containerregistry/cmd/crane")
	if err != nil {
		return nil, err
	}
	// Each repetition has a repository of its own, and so a name of its own in the layout.
	round := 0
	repository := func(tool string) string {
		return fmt.Sprintf("%s/%s/push%d-%s", w.stack.Registry.Addr(), example.Owner, round, tool)
	}
	next := prepare(func(ctx context.Context) error {
		round++
		return w.bigImage(ctx, a, repository(ours))
	})
	ourPush := func(ctx context.Context) (used, error) { return w.mage(a.dir, "push").run(ctx) }
	layout := func() string { return filepath.Join(a.dir, "dist", "images") }
	skopeoCopy := func(ctx context.Context) (used, error) {
		return command{environ: w.environ, args: []string{skopeo, "copy", "--insecure-policy", "--dest-tls-verify=false", "--authfile", filepath.Join(w.docker(), "config.json"),
			"oci:" + layout() + ":" + repository(ours) + ":" + a.tag(ctx), "docker://" + repository("skopeo") + ":1"}}.run(ctx)
	}
	cranePush := func(ctx context.Context) (used, error) {
		return command{environ: w.environ, args: []string{crane, "push", "--insecure", "--index", layout(), repository("crane") + ":1"}}.run(ctx)
	}
	samples, err := measure(ctx, repetitions,
		side{ours, []step{next, timed("cold", ourPush), timed("again", ourPush)}},
		side{"skopeo", []step{timed("cold", skopeoCopy), timed("again", skopeoCopy)}},
		side{"crane", []step{timed("cold", cranePush), timed("again", cranePush)}})
	if err != nil {
		return nil, err
	}
	var rows []Row
	for _, label := range []string{"cold", "again"} {
		for _, other := range []string{"skopeo copy", "crane push"} {
			tool, _, _ := strings.Cut(other, " ")
			row := Row{Case: "push of 500 MB in 8 layers, " + label, Target: "<= 1.0x", Against: other}
			rows = append(rows, ratio(row, samples[ours][label], samples[tool][label]))
		}
	}
	return rows, nil
}

// bigImage puts one image with random layers into the application's layout, alone, under the name that the commit gives it.
func (w *workload) bigImage(ctx context.Context, a *application, repository string) error {
	a.image = repository
	if err := errors.Join(a.writeConfig(), a.commit(ctx)); err != nil {
		return err
	}
	layout, err := build.OpenLayout(filepath.Join(a.dir, "dist", "images"))
	if err != nil {
		return err
	}
	manifest := ocispec.Manifest{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest}
	image := ocispec.Image{Platform: ocispec.Platform{Architecture: "amd64", OS: "linux"}, RootFS: ocispec.RootFS{Type: "layers"}}
	for i := range bigLayers {
		desc, diff, err := bigLayer(ctx, layout.Store(), i)
		if err != nil {
			return err
		}
		manifest.Layers = append(manifest.Layers, desc)
		image.RootFS.DiffIDs = append(image.RootFS.DiffIDs, diff)
	}
	if manifest.Config, err = putJSON(ctx, layout.Store(), ocispec.MediaTypeImageConfig, image); err != nil {
		return err
	}
	root, err := putJSON(ctx, layout.Store(), ocispec.MediaTypeImageManifest, manifest)
	if err != nil {
		return err
	}
	return layout.Put(ctx, build.Entry{Ref: repository + ":" + a.tag(ctx), Descriptor: root})
}

func bigLayer(ctx context.Context, store content.Store, i int) (ocispec.Descriptor, digest.Digest, error) {
	data := make([]byte, layerSize)
	_, _ = rand.Read(data) // it never fails
	var archive bytes.Buffer
	writer := tar.NewWriter(&archive)
	err := writer.WriteHeader(&tar.Header{Name: fmt.Sprintf("data%d", i), Mode: 0o644, Size: layerSize})
	if err == nil {
		_, err = writer.Write(data)
	}
	if err := errors.Join(err, writer.Close()); err != nil {
		return ocispec.Descriptor{}, "", fmt.Errorf("writing a layer: %w", err)
	}
	var packed bytes.Buffer
	zip, err := gzip.NewWriterLevel(&packed, gzip.NoCompression)
	if err == nil {
		_, err = zip.Write(archive.Bytes())
	}
	if err := errors.Join(err, zip.Close()); err != nil {
		return ocispec.Descriptor{}, "", fmt.Errorf("packing a layer: %w", err)
	}
	desc, err := put(ctx, store, ocispec.MediaTypeImageLayerGzip, packed.Bytes())
	return desc, digest.FromBytes(archive.Bytes()), err
}
