package buildkit

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/progress"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// misledIgnoreFiles are the warnings about .dockerignore files that are links out of their directory. BuildKit cannot follow
// them and leaves nothing out, while every other tool reads what they lead to.
func (c contextCheck) misledIgnoreFiles(ctx context.Context) progress.Warnings {
	var all progress.Warnings
	for _, img := range c.images {
		for _, built := range img.WithNeeds() {
			for _, name := range c.misledNames(ctx, built) {
				all.Add(progress.Warning{
					Message: name + " is a link out of its build context, which BuildKit does not follow: nothing is left out",
					Remedy:  "put a file in its place, or name the files in " + built.Dockerfile + ".dockerignore",
				}, img.Component)
			}
		}
	}
	return all
}

// misledNames are the ignore files of an image that lead elsewhere for BuildKit. The Dockerfile's own takes the place of that of the
// context, but not of those of named contexts.
func (c contextCheck) misledNames(ctx context.Context, img plan.Image) (names []string) {
	const ignore = ".dockerignore"
	if own := img.Dockerfile + ignore; c.files.Misled(".", own) {
		names = append(names, own)
	} else if _, err := c.files.Read(ctx, ".", own); err != nil && c.files.Misled(img.Context, ignore) {
		names = append(names, path.Join(img.Context, ignore))
	}
	for _, dir := range img.Contexts {
		if !strings.HasPrefix(dir, config.ImageScheme) && c.files.Misled(dir, ignore) {
			names = append(names, path.Join(dir, ignore))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
