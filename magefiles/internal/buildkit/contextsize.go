package buildkit

import (
	"fmt"
	"path/filepath"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/progress"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/worktree"
)

// A build context with more than this is slow to read and to compare with the daemon's copy, and hardly ever meant.
const (
	manyFiles = 10_000
	manyBytes = 200_000_000
)

// contextCheck warns of build contexts that are not what their author means.
type contextCheck struct {
	files  *worktree.Tree
	root   string // of the repository
	images []plan.Image
}

// largeContexts are the warnings about large directories that images and what they need are built from, each directory once.
func (c contextCheck) largeContexts() []progress.Warning {
	var all []progress.Warning
	warned := map[string]int{} // directory -> index in all, -1: it is not large
	for _, img := range c.images {
		for _, dir := range contextDirectories(img) {
			i, known := warned[dir]
			if !known {
				i = -1
				if size := c.files.Size(filepath.Join(c.root, filepath.FromSlash(dir))); size.Files > manyFiles || size.Bytes > manyBytes {
					i, all = len(all), append(all, largeContext(dir, size))
				}
				warned[dir] = i
			}
			if i >= 0 {
				all[i].Components = component.Add(all[i].Components, img.Component)
			}
		}
	}
	return all
}

func largeContext(dir string, size worktree.Size) progress.Warning {
	w := progress.Warning{
		Message: fmt.Sprintf("build context %q has %d files, %s", dir, size.Files, progress.Megabytes(size.Bytes)),
		Remedy:  "name what no step needs in .dockerignore of the context, or in <Dockerfile>.dockerignore",
	}
	if size.Folder != "" {
		w.Message += fmt.Sprintf(", most of it in %s (%d files)", size.Folder, size.Within)
	}
	return w
}
