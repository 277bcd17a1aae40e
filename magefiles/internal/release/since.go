package release

import (
	"context"

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
	var changed []string
	for _, image := range s.plan.Images {
		if s.inputs(image, before).Sources != s.inputs(image, after).Sources {
			changed = append(changed, image.Component)
		}
	}
	s.plan.Narrow(changed)
	return nil
}

// nothingChanged ends a run that no component is left for.
func (s *session) nothingChanged() {
	s.report.Outcome = report.NothingToDo
	s.console.Note("no component has changed since " + s.options.Since)
}
