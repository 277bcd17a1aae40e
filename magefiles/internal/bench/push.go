package bench

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/ocilayout"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
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
	u, err := newUploads(ctx, w)
	if err != nil {
		return nil, err
	}
	samples, err := measure(ctx, repetitions,
		side{ours, []step{prepare(u.next), timed("cold", u.ours), timed("again", u.ours)}},
		side{"skopeo", []step{timed("cold", u.bySkopeo), timed("again", u.bySkopeo)}},
		side{"crane", []step{timed("cold", u.byCrane), timed("again", u.byCrane)}})
	if err != nil {
		return nil, err
	}
	var rows []Row
	for _, label := range []string{"cold", "again"} {
		for _, other := range []string{"skopeo copy", "crane push"} {
			tool, _, _ := strings.Cut(other, " ")
			row := Row{Case: "push of 500 MB in 8 layers, " + label, Target: Bound{Ratio: 1}, Against: other}
			rows = append(rows, ratio(row, samples[ours][label], samples[tool][label]))
		}
	}
	return rows, nil
}

// newUploads push one image with three tools. Each repetition and tool has a repository of its own, and what is in it is new.
type uploads struct {
	w             *workload
	app           *application
	skopeo, crane string
	round         int
}

func newUploads(ctx context.Context, w *workload) (*uploads, error) {
	app, err := newApplication(ctx, w, shape{components: 1, small: true})
	if err != nil {
		return nil, err
	}
	u := &uploads{w: w, app: app}
	if u.skopeo, err = w.options.Tools.Package(ctx, "skopeo"); err != nil {
		return nil, err
	}
	u.crane, err = w.options.Tools.Tool(ctx, "crane", "github.com/google/go-containerregistry/cmd/crane")
	return u, err
}

func (u *uploads) next(ctx context.Context) error {
	u.round++
	return makeBigImage(ctx, u.app, u.repository(ours))
}

func (u *uploads) repository(tool string) string {
	return fmt.Sprintf("%s/%s/push%d-%s", u.w.stack.Registry.Addr(), example.Owner, u.round, tool)
}

func (u *uploads) layout() string { return filepath.Join(u.app.dir, ".astrago", "images") }

func (u *uploads) ours(ctx context.Context) (used, error) {
	return u.w.mage(u.app.dir, "push").run(ctx)
}

func (u *uploads) bySkopeo(ctx context.Context) (used, error) {
	source := "oci:" + u.layout() + ":" + u.repository(ours) + ":" + u.app.tag(ctx)
	return command{environ: u.w.environ, args: []string{
		u.skopeo, "copy", "--insecure-policy", "--dest-tls-verify=false", "--authfile", filepath.Join(u.w.docker(), "config.json"),
		source, "docker://" + u.repository("skopeo") + ":1",
	}}.run(ctx)
}

func (u *uploads) byCrane(ctx context.Context) (used, error) {
	return command{environ: u.w.environ, args: []string{u.crane, "push", "--insecure", "--index", u.layout(), u.repository("crane") +
		":1"}}.run(ctx)
}

// makeBigImage puts one image with random layers into the application's layout, alone, under the name that the commit gives it.
func makeBigImage(ctx context.Context, a *application, repository string) error {
	a.image = repository
	if err := errors.Join(a.writeConfig(), a.commit(ctx)); err != nil {
		return err
	}
	dir := filepath.Join(a.dir, ".astrago", "images")
	if err := os.RemoveAll(dir); err != nil { // crane pushes all that a layout has
		return fmt.Errorf("emptying the layout: %w", err)
	}
	layout, err := ocilayout.Open(dir)
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
	name, err := imageref.ParseRepository(repository)
	if err != nil {
		return err
	}
	return layout.Put(ctx, ocilayout.Entry{Ref: name.Tagged(a.tag(ctx)), Descriptor: root})
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
