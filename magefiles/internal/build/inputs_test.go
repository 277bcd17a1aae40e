package build_test

import (
	"strings"
	"testing"

	"github.com/containerd/containerd/v2/core/content"

	"github.com/xiilab/astrago-ci/magefiles/internal/build"
)

func TestUnchangedImageIsNotExportedAgain(t *testing.T) {
	r := newRepository(t)
	r.opts.Display.Mode = build.RawJSON
	r.write("src/main.txt", "source")
	r.component("core", compiled)
	exported := func() bool { return strings.Contains(r.output.String(), "exporting to oci image format") }

	first := r.must()[0]
	if !exported() {
		t.Fatal("a new image is not exported")
	}
	second := r.must()[0]
	if exported() || second.Descriptor.Digest != first.Descriptor.Digest {
		t.Errorf("an unchanged image is exported again, or is %s and was %s", second.Descriptor.Digest, first.Descriptor.Digest)
	}
	if second.Steps != 4 || second.CachedSteps != 4 || second.Size != first.Size {
		t.Errorf("%+v", second)
	}
	r.write("src/main.txt", "changed")
	if third := r.must()[0]; third.Descriptor.Digest == first.Descriptor.Digest {
		t.Error("a changed image is the old one")
	}
	r.write("src/main.txt", "source")
	if fourth := r.must()[0]; fourth.Descriptor.Digest != first.Descriptor.Digest {
		t.Errorf("changed back, the image is %s and was %s", fourth.Descriptor.Digest, first.Descriptor.Digest)
	}
}

func TestIncompleteImageIsExportedAgain(t *testing.T) {
	r := newRepository(t)
	r.write("src/main.txt", "source")
	r.component("core", compiled)
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
	r.must()
	if got := blobs(t, layout); got != before {
		t.Errorf("%d blobs, want %d again", got, before)
	}
}
