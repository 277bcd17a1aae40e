package buildkit

import (
	"maps"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/attachable"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// dockerfileFrontend is the name of BuildKit's own Dockerfile frontend.
const dockerfileFrontend = "dockerfile.v0"

// servedDirectories are those of an image, and of what it needs, as a session serves them. What is to be the same everywhere gets
// files of one time, as no two checkouts have the same ones.
func (b *builder) servedDirectories(img plan.Image) (all []attachable.ServedDir) {
	for _, dir := range contextDirectories(img) {
		all = append(all, b.servedDirectory(img, dir))
	}
	return all
}

func (b *builder) servedDirectory(img plan.Image, dir string) attachable.ServedDir {
	s := attachable.ServedDir{Dir: b.absoluteDir(dir)}
	if img.Reproducible {
		s.Epoch = b.plan.Created
	}
	return s
}

// contextDirectories are those that an image and what it needs are built from, each once, relative to the root.
func contextDirectories(img plan.Image) (dirs []string) {
	for _, img := range img.WithNeeds() {
		dirs = append(dirs, img.Context)
		for _, name := range slices.Sorted(maps.Keys(img.Contexts)) {
			if source := img.Contexts[name]; !strings.HasPrefix(source, config.ImageScheme) {
				dirs = append(dirs, source)
			}
		}
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}
