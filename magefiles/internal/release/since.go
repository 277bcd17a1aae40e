package release

import (
	"context"
	"io/fs"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/inputs"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/source"
)

// narrow leaves the components whose sources differ from those of -changedSince's revision.
func (s *session) narrow(ctx context.Context) error {
	if s.options.Since == "" {
		return nil
	}
	before, err := source.TreeAt(ctx, s.plan.Commit.Root, s.options.Since)
	if err != nil {
		return problem.New(problem.Usage, "name a commit, branch or tag of this clone; a shallow clone needs `git fetch --unshallow` (in a workflow: fetch-depth: 0)",
			"finding what has changed since %q: %w", s.options.Since, err)
	}
	after, err := source.ReadTree(ctx, s.plan.Commit)
	if err != nil {
		return err
	}
	before.Ignored = after.Ignored // nobody knows what was ignored then
	read := s.readerOf(ctx, before, after)
	then := s.planOf(read)
	var changed []string
	for _, image := range s.plan.Images {
		i := slices.IndexFunc(then.Images, func(was plan.Image) bool { return was.Component == image.Component })
		if i < 0 || inputs.Of(then.Images[i], then.Prepare.Run, before, read).Sources != s.inputs(image, after).Sources {
			changed = append(changed, image.Component)
		}
	}
	s.plan.Narrow(changed)
	return context.Cause(ctx)
}

// readerOf reads files of an earlier tree: from git where they differ from those of the tree after.
func (s *session) readerOf(ctx context.Context, before, after source.Tree) inputs.Reader {
	same := map[source.File]bool{}
	for _, f := range after.Files {
		same[f] = true
	}
	return func(path string) ([]byte, error) {
		i := slices.IndexFunc(before.Files, func(f source.File) bool { return f.Path == path })
		switch {
		case i < 0:
			return nil, fs.ErrNotExist
		case same[before.Files[i]]:
			return s.readFile(path)
		}
		return source.ReadBlob(ctx, s.plan.Commit.Root, before.Files[i].ID)
	}
}

// planOf plans this run by the configuration of then. One that was not there, or that this version does not understand,
// plans nothing, so that every component has changed.
func (s *session) planOf(read inputs.Reader) plan.Plan {
	data, err := read(config.FileName)
	if err != nil {
		return plan.Plan{}
	}
	then, err := config.Parse(config.FileName, data)
	if err != nil {
		return plan.Plan{}
	}
	p, err := plan.New(then, s.plan.Commit, plan.Options{Environment: s.plan.Environment, Platform: ownPlatform()})
	if err != nil {
		return plan.Plan{}
	}
	return *p
}

// nothingChanged ends a run that no component is left for.
func (s *session) nothingChanged() {
	s.report.Outcome = report.NothingToDo
	s.console.Note("no component has changed since " + s.options.Since)
}
