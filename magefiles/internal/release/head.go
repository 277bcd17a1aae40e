package release

import (
	"cmp"
	"context"
	"sync"

	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/source"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// released reads the commit. A command that refuses a changed tree takes it for clean until requireClean, and asks the network
// in the meantime; -changedSince looks at the tree first.
func (s *session) released(ctx context.Context, root string) (source.Commit, error) {
	if s.report.Command != report.CommandRelease && s.report.Command != report.CommandBump || s.options.Since != "" {
		return s.head(ctx, root)
	}
	commit, state, err := source.Begin(ctx, root, s.hints())
	s.tree = sync.OnceValues(state)
	return commit, err
}

func (s *session) head(ctx context.Context, root string) (source.Commit, error) {
	return source.Head(ctx, root, s.hints())
}

// requireClean refuses a tree that differs from the commit, also where the session took it for clean.
func (s *session) requireClean() error {
	commit, err := s.settled()
	if err != nil {
		return err
	}
	return commit.RequireClean(string(s.report.Command))
}

// settled is the plan's commit with the state of the tree.
func (s *session) settled() (source.Commit, error) {
	commit := s.plan.Commit
	if s.tree == nil {
		return commit, nil
	}
	var err error
	commit.Dirty, err = s.tree()
	return commit, err
}

func (s *session) hints() source.Hints {
	branch, tag := s.ref()
	if s.report.Command == report.CommandBuild || s.report.Command == report.CommandPlan {
		// What a pull request is to become; commands that deploy do not take a proposal for its base.
		branch = cmp.Or(s.vars.Get(vars.BaseRef), branch)
	}
	return source.Hints{
		SHA:        s.vars.Get(vars.SHA),
		Branch:     branch,
		Tag:        tag,
		Repository: s.vars.Get(vars.Repository),
	}
}
