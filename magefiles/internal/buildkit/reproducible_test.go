package buildkit_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/containerd/containerd/v2/core/content"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/ocilayout"
	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/buildkitd"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

// compiled has all that makes a layer, and steps that write files at a time of their own.
const compiled = base + "WORKDIR /app/data\nCOPY src/ ./src/\nRUN write out/a.txt compiled && mkdir /cache/b && write /cache/b/c x\n"

// TestSameCommitGivesTheSameDigest is for components that ask for it.
func TestSameCommitGivesTheSameDigest(t *testing.T) {
	first := newRepository(t)
	toolbox := read(t, filepath.Join(first.root, "toolbox")) + "of its own" // layers of other tests have files of other times
	first.write("toolbox", toolbox)
	first.write("src/main.txt", "source")
	touchAll(t, first.root, time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)) // a workspace that was kept
	first.component("core", compiled).Reproducible = true
	want := first.must()[0].Descriptor.Digest

	again := newRepository(t) // a fresh checkout at another path
	again.write("toolbox", toolbox)
	again.write("src/main.txt", "source")
	again.component("core", compiled).Reproducible = true
	if got := again.must()[0].Descriptor.Digest; got != want {
		t.Errorf("a fresh checkout gives %s, want %s", got, want)
	}
	again.opts.NoCache = true
	image := again.must()[0]
	if image.Descriptor.Digest != want {
		t.Errorf("without the cache: %s, want %s", image.Descriptor.Digest, want)
	}
	if image.CachedSteps != 0 {
		t.Errorf("%d steps were cached, want none", image.CachedSteps)
	}

	second, _ := buildkitd.StartOwn(t, t.TempDir())
	defer buildkitd.CloseAll(t, second)
	again.opts.Connect, again.opts.NoCache = buildkitd.Connected(second), false
	if got := again.must()[0].Descriptor.Digest; got != want {
		t.Errorf("another daemon gives %s, want %s", got, want)
	}
}

// TestLayersAreExportedAsTheyAre finds the files' own times in a layer: packing each layer again with other times, at every
// export, costs more than all else that a build does after one changed line.
func TestLayersAreExportedAsTheyAre(t *testing.T) {
	r := newRepository(t)
	r.write("src/main.txt", rand.Text())
	r.component("core", compiled)
	began := time.Now().Add(-time.Minute)
	for reproducible, want := range map[bool]func(time.Time) bool{
		false: began.Before,
		true:  r.plan.Created.Equal,
	} {
		r.plan.Images[0].Reproducible = reproducible
		img := r.must()[0]
		layout := openLayout(t, r.opts.Layout)
		var manifest ocispec.Manifest
		var config ocispec.Image
		decode(t, layout, img.Descriptor, &manifest)
		decode(t, layout, manifest.Config, &config)
		if got := fileTime(t, layout, manifest.Layers[len(manifest.Layers)-1], "app/data/out/a.txt"); !want(got) {
			t.Errorf("reproducible %v: the file that a step wrote is of %v", reproducible, got)
		}
		if !config.Created.Equal(r.plan.Created) {
			t.Errorf("reproducible %v: created %v, want the commit's time %v", reproducible, config.Created, r.plan.Created)
		}
	}
}

// fileTime is when a file of a layer was written, as the layer says.
func fileTime(t *testing.T, l *ocilayout.Layout, layer ocispec.Descriptor, name string) time.Time {
	t.Helper()
	data, err := content.ReadBlob(t.Context(), l.Store(), layer)
	if err != nil {
		t.Fatal(err)
	}
	unzipped, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for entries := tar.NewReader(unzipped); ; {
		entry, err := entries.Next()
		if err != nil {
			t.Fatalf("looking for %s: %v", name, err)
		}
		if entry.Name == name {
			return entry.ModTime
		}
	}
}

func TestNewCommitRunsOnlyWhatChanged(t *testing.T) {
	r := newRepository(t)
	r.write("src/main.txt", "source")
	r.component("core", compiled)
	r.must()
	r.plan.Created = r.plan.Created.Add(time.Hour)
	if img := r.must()[0]; img.CachedSteps != img.Steps {
		t.Errorf("only %d of %d steps are cached, though only the commit's time has changed", img.CachedSteps, img.Steps)
	}
	r.write("src/main.txt", rand.Text()) // no other test has built that with this daemon
	if img := r.must()[0]; img.Steps != 4 || img.CachedSteps != 2 {
		t.Errorf("%d of %d steps are cached, want 2 of 4: those above COPY src", img.CachedSteps, img.Steps)
	}
}

func TestImageTellsItsOrigin(t *testing.T) {
	r := newRepository(t)
	r.write("src/main.txt", "source")
	r.component("core", "ARG SOURCE_DATE_EPOCH\n"+base+"ARG SOURCE_DATE_EPOCH\nARG GREETING\nRUN echo $GREETING at $SOURCE_DATE_EPOCH\n").Args = map[string]string{"GREETING": "hello"}
	img := r.must()[0]
	layout, err := ocilayout.Open(r.opts.Layout)
	if err != nil {
		t.Fatal(err)
	}
	found, ok := layout.Find(refs.Image("ghcr.io/acme/shop:core-stage-a1b2c3d4"))
	if !ok || found.Digest != img.Descriptor.Digest {
		t.Fatalf("the layout has %v, want %s", found, img.Descriptor.Digest)
	}
	var manifest ocispec.Manifest
	var config ocispec.Image
	decode(t, layout, found, &manifest)
	decode(t, layout, manifest.Config, &config)
	if got := manifest.Annotations[ocispec.AnnotationRevision]; commitid.ID(got) != r.plan.Commit.SHA {
		t.Errorf("the manifest's revision is %q", got)
	}
	if got := config.Config.Labels[ocispec.AnnotationRevision]; commitid.ID(got) != r.plan.Commit.SHA {
		t.Errorf("the label's revision is %q", got)
	}
	if !config.Created.Equal(r.plan.Created) {
		t.Errorf("created %v, want the commit's time %v", config.Created, r.plan.Created)
	}
	if !strings.Contains(r.output.String(), "hello at 1714979289") {
		t.Errorf("a Dockerfile that declares SOURCE_DATE_EPOCH does not get it:\n%s", r.output.String())
	}
	size := manifest.Config.Size + found.Size
	for _, l := range manifest.Layers {
		size += l.Size
	}
	if img.Size != size {
		t.Errorf("size %d, want %d", img.Size, size)
	}
}

func TestTargetsAndPlatforms(t *testing.T) {
	r := newRepository(t)
	r.component("core", "FROM scratch AS small\nCOPY toolbox /a\nFROM small AS large\nCOPY toolbox /b\n")
	img := &r.plan.Images[0]
	img.Target = "small"
	small := r.must()[0]
	if small.Steps != 1 {
		t.Errorf("%d steps for the target with one", small.Steps)
	}
	img.Platforms = []string{"linux/amd64", "linux/arm64"}
	if got := r.must()[0]; got.Descriptor.MediaType != ocispec.MediaTypeImageIndex {
		t.Errorf("two platforms give %s, want an index", got.Descriptor.MediaType)
	} else {
		var index ocispec.Index
		decode(t, openLayout(t, filepath.Join(r.root, ".astrago", "images")), got.Descriptor, &index)
		if len(index.Manifests) != 2 || commitid.ID(index.Annotations[ocispec.AnnotationRevision]) != r.plan.Commit.SHA {
			t.Errorf("index %+v", index)
		}
	}
}

func decode(t *testing.T, l *ocilayout.Layout, desc ocispec.Descriptor, into any) {
	t.Helper()
	data, err := content.ReadBlob(t.Context(), l.Store(), desc)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

func touchAll(t *testing.T, dir string, at time.Time) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chtimes(path, at, at)
	})
	if err != nil {
		t.Fatal(err)
	}
}
