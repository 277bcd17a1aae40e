package build_test

import (
	"context"
	"errors"
	"testing"

	"github.com/containerd/containerd/v2/core/content"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/build"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// forbidden is a Connect for what must not be built.
func forbidden(context.Context) ([]*build.Connection, error) {
	return nil, errors.New("a daemon is asked for")
}

func TestKnownInputsAreNotBuiltAgain(t *testing.T) {
	r := newRepository(t)
	r.component("core", base+"RUN echo core\n")
	r.component("batch", base+"RUN echo batch\n")
	r.opts.Inputs = map[string]build.Inputs{"core": {Digest: "c1", Sources: "s1"}, "batch": {Digest: "b1"}}
	first := r.must()
	connect := r.opts.Connect
	r.opts.Connect = forbidden
	r.plan.Commit.SHA = "b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2"
	for i := range r.plan.Images {
		r.plan.Images[i].Tag += "-next"
		r.plan.Images[i].Secrets = nil
	}
	second := r.must()
	layout := openLayout(t, r.opts.Layout)
	for i, img := range second {
		if !img.Reused || img.Descriptor.Digest != first[i].Descriptor.Digest || img.Size != first[i].Size || img.Ref != r.plan.Images[i].Ref() {
			t.Errorf("%+v, and was %+v", img, first[i])
		}
		if found, ok := layout.Find(img.Ref); !ok || found.Digest != img.Descriptor.Digest {
			t.Errorf("the layout has %v for %s", found.Digest, img.Ref)
		}
	}

	r.opts.Connect = connect
	r.opts.Inputs["batch"] = build.Inputs{Digest: "b2"} // one of them has changed
	third := r.must()
	if !third[0].Reused || third[1].Reused || third[1].Steps == 0 {
		t.Errorf("after a change of batch: %+v", third)
	}
	r.opts.Rebuild = true
	if img := r.must()[0]; img.Reused || img.Steps == 0 || img.CachedSteps != img.Steps {
		t.Errorf("asked for again: %+v", img)
	}
	r.opts.Rebuild, r.opts.NoCache = false, true
	if img := r.must()[0]; img.Reused || img.CachedSteps != 0 {
		t.Errorf("without the cache: %+v", img)
	}
}

func TestUnknownInputsAreBuilt(t *testing.T) {
	r := newRepository(t)
	r.write("src/main.txt", "source")
	r.component("core", compiled)
	first := r.must()[0]
	if second := r.must()[0]; second.Reused || second.Descriptor.Digest != first.Descriptor.Digest || second.CachedSteps != second.Steps {
		t.Errorf("%+v, and was %+v", second, first)
	}
	r.opts.Connect = forbidden
	if _, err := r.run(); err == nil {
		t.Error("an image of unknown inputs was not built")
	}
}

func TestIncompleteImageIsBuiltAgain(t *testing.T) {
	r := newRepository(t)
	r.write("src/main.txt", "source")
	r.component("core", compiled)
	r.opts.Inputs = map[string]build.Inputs{"core": {Digest: "c1"}}
	r.must()
	layout := openLayout(t, r.opts.Layout)
	before := blobs(t, layout)
	err := layout.Store().Walk(t.Context(), func(info content.Info) error { // one is enough
		if blobs(t, layout) == before {
			return layout.Store().Delete(t.Context(), info.Digest)
		}
		return nil
	})
	if err != nil || blobs(t, layout) != before-1 {
		t.Fatalf("removing a blob: %v", err)
	}
	if r.must()[0].Reused || blobs(t, layout) != before {
		t.Errorf("%d blobs, want %d again", blobs(t, layout), before)
	}
}

func TestManifestTellsItsInputs(t *testing.T) {
	r := newRepository(t)
	r.component("core", "FROM scratch\nCOPY toolbox /\n").Platforms = []string{"linux/amd64", "linux/arm64"}
	r.opts.Inputs = map[string]build.Inputs{"core": {Digest: "c1", Sources: "s1"}}
	root := r.must()[0].Descriptor
	var index ocispec.Index
	decode(t, openLayout(t, r.opts.Layout), root, &index)
	all := []map[string]string{index.Annotations}
	for _, desc := range index.Manifests {
		var manifest ocispec.Manifest
		decode(t, openLayout(t, r.opts.Layout), desc, &manifest)
		all = append(all, manifest.Annotations)
	}
	for i, annotations := range all {
		if annotations[plan.InputsAnnotation] != "c1" || annotations[plan.SourcesAnnotation] != "s1" || annotations[ocispec.AnnotationRevision] != r.plan.Commit.SHA {
			t.Errorf("manifest %d of %d says %v", i, len(all), annotations)
		}
	}
}
