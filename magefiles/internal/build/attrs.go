package build

import (
	"maps"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// frontend is the name of BuildKit's own Dockerfile frontend.
const frontend = "dockerfile.v0"

// directories are those of an image, and of what it needs, as a session serves them. What is to be the same everywhere gets
// files of one time, as no two checkouts have the same ones.
func (b *builder) directories(img plan.Image) (all []served) {
	for _, dir := range directories(img) {
		all = append(all, b.directory(img, dir))
	}
	return all
}

func (b *builder) directory(img plan.Image, dir string) served {
	s := served{dir: b.dir(dir)}
	if img.Reproducible {
		s.epoch = b.plan.Created
	}
	return s
}

// directories are those that an image and what it needs are built from, each once, relative to the root.
func directories(img plan.Image) (dirs []string) {
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
