package build

import (
	"path/filepath"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/source"
)

// HiddenPaths are what targets write: in a context it would change with every build.
func HiddenPaths(root, layout, logs string) []string {
	hidden := []string{layout, logs}
	for _, output := range source.Outputs(root) {
		hidden = append(hidden, filepath.Join(root, filepath.FromSlash(output)))
	}
	slices.Sort(hidden)
	return slices.Compact(hidden)
}
