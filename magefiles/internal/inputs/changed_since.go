package inputs

import (
	"context"
	"path/filepath"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/worktree"
)

// Comparison compares what the images of a plan are made of with what they were made of at another revision.
type Comparison struct {
	Plan    *plan.Plan
	Keys    *Keys
	Guard   Guard
	Environ []string // that the commands of `prepare` get
}

// ChangedSince returns the components whose inputs differ from those at a revision. A component with unknown inputs counts as changed, and
// so do all where builds would get files that git is set not to look at.
func (c Comparison) ChangedSince(ctx context.Context, revision string) (changed []component.Name, err error) {
	base, err := git.CheckOut(ctx, c.Plan.Commit.Root, revision)
	if cause := context.Cause(ctx); err != nil && cause != nil {
		return nil, cause
	}
	if err != nil {
		return nil, problem.New(problem.Usage,
			"name a commit, branch or tag of this clone; a shallow clone needs `git fetch --unshallow` (in a workflow: fetch-depth: 0)",
			"finding what has changed since %q: %w", revision, err)
	}
	defer func() {
		if removeErr := base.Remove(ctx); err == nil {
			err = removeErr
		}
	}()
	before, err := c.baseInputs(ctx, base.Root)
	if err != nil {
		return nil, err
	}
	after, err := c.Keys.Of(ctx, c.Plan.Images)
	if err != nil {
		return nil, err
	}
	uncertain, err := c.Guard.findUncertain(ctx)
	if err != nil {
		return nil, err
	}
	uncertain = slices.DeleteFunc(uncertain, func(f worktree.Finding) bool { return f.Told }) // they count as they are
	for _, image := range c.Plan.Images {
		if len(uncertain) > 0 || !after[image.Component].equal(before[image.Component]) {
			changed = append(changed, image.Component)
		}
	}
	return changed, context.Cause(ctx)
}

// baseInputs returns what the images were made of in another working tree, by its configuration. One that was not there, or that
// this version does not understand, has no images, so that every component has changed.
func (c Comparison) baseInputs(ctx context.Context, root string) (map[component.Name]Inputs, error) {
	base, err := config.Load(filepath.Join(root, config.FileName))
	if err != nil {
		return nil, context.Cause(ctx)
	}
	p, err := plan.New(base, c.Plan.Commit, plan.Options{
		Environment: c.Plan.Environment, Created: c.Plan.Created, Platform: HostPlatform(),
	})
	if err != nil {
		return nil, context.Cause(ctx)
	}
	p.Narrow(base, plan.Components(c.Plan.Images))
	keys := NewKeys(NewFiles(root, base, c.Keys.files.owned, nil), c.Keys.options, NewPreparation(root, base, c.Environ))
	all, err := keys.Of(ctx, p.Images)
	if problem.As(err) != nil && context.Cause(ctx) == nil { // prepare.ignore, which was right then or was not
		return nil, nil
	}
	return all, err
}
