package release

import (
	"context"
	"path/filepath"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/output"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/source"
	"github.com/xiilab/astrago-ci/magefiles/internal/worktree"
)

// narrow leaves the components that are made of something else than at -changedSince's revision. One of which that is not
// known has changed, and so have all where builds would get files that git was told not to look at.
func (s *session) narrow(ctx context.Context) (err error) {
	if s.options.Since == "" {
		return nil
	}
	then, err := source.CheckOut(ctx, s.plan.Commit.Root, s.options.Since)
	if cause := context.Cause(ctx); err != nil && cause != nil {
		return cause
	}
	if err != nil {
		return problem.New(problem.Usage,
			"name a commit, branch or tag of this clone; a shallow clone needs `git fetch --unshallow` (in a workflow: fetch-depth: 0)",
			"finding what has changed since %q: %w", s.options.Since, err)
	}
	defer func() {
		if removeErr := then.Remove(ctx); err == nil {
			err = removeErr
		}
	}()
	before, err := s.keysThen(ctx, then.Root)
	if err != nil {
		return err
	}
	after, err := s.keysOf().of(ctx, s.plan.Images)
	if err != nil {
		return err
	}
	doubts, err := s.doubts(ctx)
	if err != nil {
		return err
	}
	doubts = slices.DeleteFunc(doubts, func(f worktree.Finding) bool { return f.Told }) // they count as they are
	var changed []string
	for _, image := range s.plan.Images {
		if len(doubts) > 0 || !after[image.Component].equal(before[image.Component]) {
			changed = append(changed, image.Component)
		}
	}
	s.plan.Narrow(changed)
	return context.Cause(ctx)
}

// equal reports whether two images are certain to be made of the same.
func (m made) equal(other made) bool {
	if m.Key != "" || other.Key != "" {
		return m.Key == other.Key
	}
	return m.prepareKey != "" && m.prepareKey == other.prepareKey
}

// keysThen returns what the images of this run were made of at another commit, by its configuration. One that was not there,
// or that this version does not understand, has no images, so that every component has changed.
func (s *session) keysThen(ctx context.Context, root string) (map[string]made, error) {
	then, err := config.Load(filepath.Join(root, config.FileName))
	if err != nil {
		return nil, context.Cause(ctx)
	}
	p, err := plan.New(then, s.plan.Commit, plan.Options{Environment: s.plan.Environment, Created: s.plan.Created, Platform: ownPlatform()})
	if err != nil {
		return nil, context.Cause(ctx)
	}
	p.Narrow(components(s.plan.Images))
	open := func(ctx context.Context) (*worktree.Tree, error) {
		hidden := append([]string{filepath.Join(root, output.Name)}, secretFiles(then, root)...)
		return worktree.Open(ctx, worktree.Options{Root: root, Hidden: hidden})
	}
	k := &keys{files: open, options: s.keysOf().options, prepare: s.preparationOf(root, then)}
	made, err := k.of(ctx, p.Images)
	if problem.As(err) != nil && context.Cause(ctx) == nil { // prepare.ignore, which was right then or was not
		return nil, nil
	}
	return made, err
}

func components(images []plan.Image) []string {
	var names []string
	for _, image := range images {
		names = append(names, image.Component)
	}
	slices.Sort(names)
	return names
}

// nothingChanged ends a run that no component is left for.
func (s *session) nothingChanged() {
	s.report.Outcome = report.NothingToDo
	s.console.Note("no component has changed since " + s.options.Since)
}
