package inputs

import (
	"context"
	"maps"
	"path/filepath"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/subpath"
	"github.com/xiilab/astrago-ci/magefiles/internal/worktree"
)

// Guard refuses to publish images that may not be the commit's: from a tree that has changed, or with files that git is set not to look at.
type Guard struct {
	plan  *plan.Plan
	root  string
	files *Files
	keys  *Keys
}

// NewGuard returns the guard of a plan's commit, which is checked out at root.
func NewGuard(p *plan.Plan, root string, files *Files, keys *Keys) Guard {
	return Guard{plan: p, root: root, files: files, keys: keys}
}

// RequireUnchanged refuses to go on when the tree is no longer the commit: a prepare command may have changed tracked
// files, or the developer went on working while the images were built.
func (g Guard) RequireUnchanged(ctx context.Context, what string) error {
	commit, err := git.Current(ctx, g.plan.Commit.Root)
	if err != nil {
		return err
	}
	if commit.SHA != g.plan.Commit.SHA {
		return problem.New(problem.Refused, "run the command again for the new commit",
			"refusing to %s: commit %s was checked out meanwhile, the images are of %s",
			what, commit.SHA.Short(), g.plan.Commit.SHA.Short())
	}
	if err := commit.RequireClean(what); err != nil {
		return err
	}
	return g.requireServed(ctx, what)
}

// requireServed refuses the files that builds got unless they are known to be the commit's: git has just called the tree clean, which it
// also does for files that it is set not to look at, and for a file that was restored.
func (g Guard) requireServed(ctx context.Context, what string) error {
	files, err := g.files.Open(ctx)
	if err != nil {
		return err
	}
	if err := g.RequireCertain(ctx, what); err != nil {
		return err
	}
	changed, err := files.Changed(ctx)
	if err != nil {
		return err
	}
	if len(changed) > 0 {
		return problem.New(problem.Refused, "wait until the program that writes it has finished, then "+problem.Again,
			"refusing to %s: %s was written while the images were built", what, changed[0])
	}
	return nil
}

// RequireCertain refuses files that builds would get and git is set not to look at. Where no file was read, none is served.
func (g Guard) RequireCertain(ctx context.Context, what string) error {
	found, err := g.findUncertain(ctx)
	if err != nil {
		return err
	}
	return worktree.RequireCertain(what, found)
}

// findUncertain returns what is not known to be the commit's of the files that were read.
func (g Guard) findUncertain(ctx context.Context) ([]worktree.Finding, error) {
	if !g.files.isOpen() {
		return nil, nil
	}
	files, err := g.files.Open(ctx)
	if err != nil {
		return nil, err
	}
	return files.Uncertain(ctx, nil)
}

// RequireCertainBuild is RequireCertain for images that another process has built: only where something is in doubt in the whole
// repository it is worth finding out what they were built from. Where that cannot be known, all of it counts.
func (g Guard) RequireCertainBuild(ctx context.Context, what string) error {
	files, err := g.files.Open(ctx)
	if err != nil {
		return err
	}
	found, err := files.Uncertain(ctx, append(g.contextsOutside(g.plan.Images), "."))
	if err != nil || len(found) == 0 {
		return err
	}
	all, err := g.keys.Of(ctx, g.plan.Images)
	if err != nil {
		return err
	}
	for _, in := range all {
		if in.Why != "" {
			return worktree.RequireCertain(what, found)
		}
	}
	return g.RequireCertain(ctx, what)
}

// contextsOutside returns the build contexts of images, and of what they need, that links lead out of the root.
func (g Guard) contextsOutside(images []plan.Image) (outside []string) {
	root, err := filepath.EvalSymlinks(g.root)
	if err != nil {
		return nil // then there are none
	}
	for _, image := range images {
		for _, dir := range append(slices.Collect(maps.Values(image.Contexts)), image.Context) {
			place, err := filepath.EvalSymlinks(filepath.Join(g.root, filepath.FromSlash(dir))) // an image is no place
			if _, inside := subpath.Of(root, place); err == nil && !inside {
				outside = append(outside, dir)
			}
		}
		outside = append(outside, g.contextsOutside(image.Needs)...)
	}
	return outside
}
