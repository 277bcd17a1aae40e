package cli

import (
	"cmp"
	"path/filepath"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/output"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// Project is the application repository that a command runs in, as far as it is known yet.
type Project struct {
	Root        string              // empty until it was found
	Config      *config.Config      // nil until it was read
	Commit      git.Commit          // that is checked out
	Environment *config.Environment // nil until it is known
	Plan        *plan.Plan          // nil until it is known
	OffRef      string              // the ref that -env was given for, where the environment does not take it

	tree git.State // what was not waited for yet; nil where the commit says it
}

// Application returns the application's name in trailers.
func (p *Project) Application() string { return cmp.Or(p.Commit.Repository, p.Config.Service) }

// Repositories returns those of the plan's images; without a plan, of the configuration's.
func (p *Project) Repositories() []imageref.Repository {
	var all []imageref.Repository
	switch {
	case p.Plan != nil:
		for _, image := range p.Plan.Images {
			all = append(all, image.Repository)
		}
	case p.Config != nil:
		for _, environment := range p.Config.Environments {
			for _, component := range p.Config.Components {
				all = append(all, p.Config.Repository(environment.Name, component))
			}
		}
	}
	slices.SortFunc(all, imageref.Repository.Compare)
	return slices.Compact(all)
}

// OutputPath returns a directory of what the run leaves.
func (p *Project) OutputPath(name string) string {
	return filepath.Join(p.Plan.Commit.Root, output.Name, name)
}

// RequireClean refuses a tree that differs from the commit, also where the plan takes it for clean.
func (p *Project) RequireClean(command string) error {
	commit, err := p.commitWithStatus()
	if err != nil {
		return err
	}
	return commit.RequireClean(command)
}

// isDirty reports whether the tree is known to differ from the plan's commit.
func (p *Project) isDirty() bool {
	if p.Plan == nil {
		return false
	}
	commit, err := p.commitWithStatus()
	return err == nil && commit.IsDirty()
}

// commitWithStatus returns the plan's commit with the state of the tree.
func (p *Project) commitWithStatus() (git.Commit, error) {
	commit := p.Plan.Commit
	if p.tree == nil {
		return commit, nil
	}
	var err error
	commit.Dirty, err = p.tree()
	return commit, err
}
