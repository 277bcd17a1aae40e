package buildkit_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit"
	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/ocilayout"
	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/identity"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

// forbidden is a Connect for what must not be built.
func forbidden(context.Context) ([]*daemon.Connection, error) {
	return nil, errors.New("a daemon is asked for")
}

// fingerprints are those of images that were built.
func fingerprints(images []buildkit.Image) map[component.Name]identity.Fingerprint {
	all := map[component.Name]identity.Fingerprint{}
	for _, img := range images {
		all[img.Component] = img.Fingerprint
	}
	return all
}

func TestKnownKeysAreNotBuiltAgain(t *testing.T) {
	r := newRepository(t)
	r.component("core", base+"RUN echo core\n")
	r.component("batch", base+"RUN echo batch\n")
	first := r.must()
	r.opts.Fingerprints = fingerprints(first)
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
	r.write("docker/batch/Dockerfile", base+"RUN echo changed\n")
	r.opts.Fingerprints["batch"] = identity.Fingerprint{Key: "another"}
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

// TestTheDaemonTellsWhatIsThere holds that an image of which nothing was known before is found by the daemon's own answer.
func TestTheDaemonTellsWhatIsThere(t *testing.T) {
	r := newRepository(t)
	r.write("src/main.txt", "source")
	r.component("core", compiled)
	first := r.must()[0]
	if second := r.must()[0]; !second.Reused || second.Descriptor.Digest != first.Descriptor.Digest || second.Fingerprint.Key != first.Fingerprint.Key || second.Steps != 0 {
		t.Errorf("%v of %d steps, and was %v", second.Descriptor, second.Steps, first.Descriptor)
	}
	connect := r.opts.Connect
	r.opts.Connect = forbidden
	if _, err := r.run(); err == nil {
		t.Error("no daemon was asked")
	}
	r.opts.Connect = connect
	r.write("src/main.txt", "changed")
	if third := r.must()[0]; third.Reused || third.Fingerprint.Key == first.Fingerprint.Key {
		t.Errorf("after a change: reused %v, key %s, and was %s", third.Reused, third.Fingerprint.Key, first.Fingerprint.Key)
	}
}

func TestIncompleteImageIsBuiltAgain(t *testing.T) {
	r := newRepository(t)
	r.write("src/main.txt", "source")
	r.component("core", compiled)
	r.opts.Fingerprints = fingerprints(r.must())
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

// TestManifestTellsItsKey holds that annotation and label agree, in each manifest and in the index.
func TestManifestTellsItsKey(t *testing.T) {
	r := newRepository(t)
	r.component("core", "FROM scratch\nCOPY toolbox /\n").Platforms = []string{"linux/amd64", "linux/arm64"}
	img := r.must()[0]
	layout := openLayout(t, r.opts.Layout)
	var index ocispec.Index
	decode(t, layout, img.Descriptor, &index)
	all := []map[string]string{index.Annotations}
	for _, desc := range index.Manifests {
		var manifest ocispec.Manifest
		decode(t, layout, desc, &manifest)
		var config ocispec.Image
		decode(t, layout, manifest.Config, &config)
		all = append(all, manifest.Annotations, config.Config.Labels)
	}
	for i, annotations := range all {
		if key := annotations[plan.KeyAnnotation]; key == "" || key != img.Fingerprint.Key || commitid.ID(annotations[ocispec.AnnotationRevision]) != r.plan.Commit.SHA {
			t.Errorf("%d of %d says %v, want the key %s", i, len(all), annotations, img.Fingerprint.Key)
		}
	}
	if len(all) != 5 {
		t.Errorf("%d manifests and configurations", len(all))
	}
}

// TestARebuildTakesTheKeysPlace has the image of a key that was built last, whichever name moved meanwhile.
func TestARebuildTakesTheKeysPlace(t *testing.T) {
	r := newRepository(t)
	r.component("core", base+"RUN write out.txt x\n")
	first := r.must()[0]
	r.plan.Images[0].Tag, r.opts.Rebuild, r.opts.NoCache = "rebuilt", true, true
	r.plan.Created = r.plan.Created.Add(time.Hour) // else both are the same bytes
	second := r.must()[0]
	if second.Fingerprint.Key != first.Fingerprint.Key || second.Descriptor.Digest == first.Descriptor.Digest {
		t.Fatalf("key %s of %s, and was %s of %s", second.Fingerprint.Key, second.Descriptor.Digest, first.Fingerprint.Key, first.Descriptor.Digest)
	}
	r.opts.Fingerprints = fingerprints([]buildkit.Image{first})
	r.plan.Images[0].Tag, r.opts.Rebuild, r.opts.NoCache, r.opts.Connect = "next", false, false, forbidden
	if third := r.must()[0]; !third.Reused || third.Descriptor.Digest != second.Descriptor.Digest {
		t.Errorf("reused %v, %s, want the rebuilt %s", third.Reused, third.Descriptor.Digest, second.Descriptor.Digest)
	}
}

// TestTheLayoutRemembersKeys with what was prepared, and the repositories that may lend layers; a changed tree's image is found
// by no commit.
func TestTheLayoutRemembersKeys(t *testing.T) {
	r, server := outputs(t)
	r.plan.Images = r.plan.Images[:1]
	image, err := baseImage(t).Digest()
	if err != nil {
		t.Fatal(err)
	}
	r.opts.Fingerprints = map[component.Name]identity.Fingerprint{"core": {Bases: map[string]digest.Digest{server.Addr() + "/acme/base:1": digest.Digest(image.String())}}}
	for _, dirty := range []bool{false, true} {
		if dirty {
			r.plan.Images[0].Tag, r.plan.Commit.Dirty = "changed-dirty", []string{" M x"}
		}
		img := r.must()[0]
		desc, ok := openLayout(t, r.opts.Layout).Find(img.Ref)
		key, prepared := desc.Annotations[plan.KeyAnnotation], desc.Annotations[plan.PrepareKeyAnnotation]
		if !ok || dirty && (key != "" || prepared != "") || !dirty && (key != img.Fingerprint.Key || prepared != "p1") {
			t.Errorf("dirty %v: key %q, prepared %q, of %q", dirty, key, prepared, img.Fingerprint.Key)
		}
		if got := ocilayout.Sources(desc); len(got) != 1 || got[0] != refs.Repository(server.Addr()+"/acme/base") {
			t.Errorf("dirty %v: sources %q", dirty, got)
		}
		r.opts.Rebuild = true
	}
}
