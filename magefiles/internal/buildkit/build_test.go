package buildkit_test

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

func TestRunBuildsAllComponentsInOrder(t *testing.T) {
	r := newRepository(t)
	names := []string{"core", "batch", "monitor"}
	for _, name := range names {
		r.component(name, base+"WORKDIR /app\nRUN write /app/name "+name+" && echo built "+name+"\n")
	}
	images := r.must()
	layout := openLayout(t, r.opts.Layout)
	for i, img := range images {
		if img.Component != component.Name(names[i]) || img.Ref != r.plan.Images[i].Ref() {
			t.Errorf("image %d is %q for %q", i, img.Ref, img.Component)
		}
		if img.Steps != 3 || img.Size <= img.Descriptor.Size || img.Duration <= 0 {
			t.Errorf("%+v", img)
		}
		if found, ok := layout.Find(img.Ref); !ok || found.Digest != img.Descriptor.Digest {
			t.Errorf("the layout has %v for %s, want %s", found, img.Ref, img.Descriptor.Digest)
		}
	}
	inspect(t, "oci:"+r.opts.Layout+":"+images[0].Ref.String(), images[0].Descriptor.Digest.String())
}

// inspect has skopeo, where there is one, say which digest an image has.
func inspect(t *testing.T, image, want string) {
	t.Helper()
	skopeo, err := exec.LookPath("skopeo")
	if err != nil {
		t.Log("skopeo is not installed")
		return
	}
	out, err := exec.CommandContext(t.Context(), skopeo, "inspect", "--format", "{{.Digest}}", image).CombinedOutput()
	if err != nil || string(bytes.TrimSpace(out)) != want {
		t.Errorf("skopeo says %s, %v; want %s", out, err, want)
	}
}

func TestRunWithoutImagesNeedsNothing(t *testing.T) {
	images, err := buildkit.Run(t.Context(), plan.Plan{}, buildkit.Options{Layout: filepath.Join(t.TempDir(), "images")})
	if err != nil || len(images) != 0 {
		t.Errorf("got %v, %v", images, err)
	}
}
