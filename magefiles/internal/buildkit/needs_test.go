package buildkit_test

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// needed returns a component's plan, for what needs it.
func (r *repository) needed(name component.Name) plan.Image {
	i := slices.IndexFunc(r.plan.Images, func(img plan.Image) bool { return img.Component == name })
	return r.plan.Images[i]
}

// Three levels: tools is a stage to copy from, base is what core and batch start from, and base itself needs tools.
func TestNeedsAreContexts(t *testing.T) {
	r := newRepository(t)
	id := rand.Text() // no other test's steps
	counted := "RUN --mount=type=cache,id=" + id + ",target=/count append /count/%s ran\n"
	r.component("tools", base+fmt.Sprintf(counted, "tools")+"RUN write /tool made-"+id+"\n")
	r.component("base", base+"COPY --from=tools /tool /tool\nENV GREETING=hello\nLABEL from=base\n"+fmt.Sprintf(counted, "base")).Needs = []plan.Image{r.needed("tools")}
	r.plan.Images[1].Secrets = nil
	for _, name := range []string{"core", "batch"} {
		img := r.component(name, "FROM base\nRUN echo $GREETING to "+name+" && cat /tool\n")
		img.Needs = []plan.Image{r.needed("base"), r.needed("tools")}
	}
	images := r.must()
	for _, text := range []string{" hello to core\n", " hello to batch\n", " made-" + id + "\n"} {
		if !strings.Contains(r.output.String(), text) {
			t.Errorf("%q is not in the output:\n%s", text, r.output.String())
		}
	}
	core := imageConfig(t, r, images[2].Descriptor)
	if !slices.Contains(core.Config.Env, "GREETING=hello") || core.Config.Labels["from"] != "base" {
		t.Errorf("core lacks what base has set: %+v", core.Config)
	}
	if base := imageConfig(t, r, images[1].Descriptor); !slices.Equal(base.RootFS.DiffIDs, core.RootFS.DiffIDs[:len(base.RootFS.DiffIDs)]) {
		t.Error("core does not start with the layers of base")
	}

	count := newRepository(t)
	count.component("count", base+"RUN --mount=type=cache,id="+id+",target=/count cat /count/tools /count/base\n")
	count.must()
	if got := strings.Count(count.output.String(), " ran\n"); got != 2 {
		t.Errorf("the shared steps have run %d times, want each of the two once:\n%s", got, count.output.String())
	}
}

// imageConfig is the configuration of an image with one platform.
func imageConfig(t *testing.T, r *repository, root ocispec.Descriptor) (file ocispec.Image) {
	t.Helper()
	var manifest ocispec.Manifest
	layout := openLayout(t, r.opts.Layout)
	decode(t, layout, root, &manifest)
	decode(t, layout, manifest.Config, &file)
	return file
}

func TestNeedsHaveThePlatformsOfTheirUser(t *testing.T) {
	r := newRepository(t)
	r.component("base", "ARG TARGETARCH\nFROM scratch AS amd64\nENV ARCH=amd64\nCOPY toolbox /amd64\nFROM scratch AS arm64\nENV ARCH=arm64\nCOPY toolbox /arm64\nFROM $TARGETARCH\n")
	core := r.component("core", "FROM base\nCOPY toolbox /core\n")
	core.Needs, core.Platforms = []plan.Image{r.needed("base")}, []string{"linux/amd64", "linux/arm64"}
	r.plan.Images = r.plan.Images[1:] // -only=core
	var index ocispec.Index
	root := r.must()[0].Descriptor
	decode(t, openLayout(t, r.opts.Layout), root, &index)
	if len(index.Manifests) != 2 {
		t.Fatalf("index %+v", index)
	}
	for _, desc := range index.Manifests {
		if file := imageConfig(t, r, desc); !slices.Contains(file.Config.Env, "ARCH="+desc.Platform.Architecture) {
			t.Errorf("%s starts from %v", desc.Platform.Architecture, file.Config.Env)
		}
	}
}

func TestNeededImageWithoutFilesIsRefused(t *testing.T) {
	r := newRepository(t)
	r.component("base", "FROM scratch\nENV GREETING=hello\n")
	r.component("core", "FROM base\nCOPY toolbox /bin/sh\n").Needs = []plan.Image{r.needed("base")}
	if _, err := r.run(); err == nil || !strings.Contains(err.Error(), `taking "base" as a context of "core": it has no files`) {
		t.Errorf("got %v", err)
	}
}

func TestFailureOfWhatIsNeededNamesItsDockerfile(t *testing.T) {
	r := newRepository(t)
	r.component("base", base+"RUN exit 3\n")
	r.component("core", "FROM base\n").Needs = []plan.Image{r.needed("base")}
	r.plan.Images = r.plan.Images[1:]
	_, err := r.run()
	if err == nil || !strings.Contains(err.Error(), `building component "core"`) || !strings.Contains(err.Error(), "docker/base/Dockerfile:4") {
		t.Errorf("got %v", err)
	}
}
