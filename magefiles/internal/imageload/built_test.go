package imageload_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit"
	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/progress"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/baseimage"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/buildkitd"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

// built has BuildKit build an image with a step, and gives the layout's directory with the image's name in it.
func built(t *testing.T) (dir, ref string, desc ocispec.Descriptor) {
	t.Helper()
	root := t.TempDir()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	binary, err := baseimage.Binary(t.Context(), filepath.Join(cache, "astrago-ci", "bin"))
	if err != nil {
		t.Fatal(err)
	}
	toolbox, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	dockerfile := "FROM scratch\nCOPY toolbox /bin/sh\nENV PATH=/bin\nRUN write /made made by a step\nCMD cat /made\n"
	for name, data := range map[string][]byte{"toolbox": toolbox, "Dockerfile": []byte(dockerfile)} {
		if err := os.WriteFile(filepath.Join(root, name), data, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	image := plan.Image{Component: "core", Repository: refs.Repository("ghcr.io/acme/built"), Tag: "1", Context: ".", Dockerfile: "Dockerfile"}
	p := plan.Plan{Service: "shop", Commit: git.Commit{Root: root, Repository: "acme/shop"}, Images: []plan.Image{image}}
	dir = filepath.Join(root, ".astrago", "images")
	var output bytes.Buffer
	images, err := buildkit.Run(t.Context(), p, buildkit.Options{
		Connect: buildkitd.Connected(daemon.Connection(t)), Layout: dir, Logs: filepath.Join(root, ".astrago", "logs"), Display: progress.Display{W: &output},
	})
	if err != nil {
		t.Fatalf("building: %v\n%s", err, output.String())
	}
	return dir, image.Ref().String(), images[0].Descriptor
}
