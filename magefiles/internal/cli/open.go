package cli

import (
	"cmp"
	"context"
	"log/slog"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/inputs"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/telemetry"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// CommitOptions are the flags that choose what is made of the commit.
type CommitOptions struct {
	ChangedSince string // -changedSince: only components that are made of something else than at this revision; empty: all
	Parallel     int    // -parallel: components built at once; 0: as buildkit.Options.Parallel has it
}

// opener finds what a run is about: its project, commit and plan.
type opener struct{ env *Env }

// openCommit finds the application repository and computes the plan of its commit.
func (op opener) openCommit(ctx context.Context, o CommitOptions) error {
	if _, err := displayMode(op.env); err != nil {
		return err
	}
	if o.Parallel < 0 {
		return problem.New(problem.Usage, "write e.g. -parallel=2, or leave it out",
			"reading -parallel: %d components cannot be built at once", o.Parallel)
	}
	if err := op.findProject(); err != nil {
		return err
	}
	if err := op.readCommit(ctx, o.ChangedSince != ""); err != nil {
		return err
	}
	if err := op.planCommit(); err != nil {
		return err
	}
	if err := op.requireRef(); err != nil {
		return err
	}
	if err := op.filterChanged(ctx, o.ChangedSince); err != nil {
		return err
	}
	op.env.Record.SetPlan(op.env.Project.Plan)
	op.logPlan(ctx)
	return nil
}

// FindConfig finds the application repository and reads its configuration.
func (env *Env) FindConfig() error {
	root, err := git.Root(cmp.Or(env.Process.Dir, "."), config.FileName)
	if err != nil {
		return err
	}
	c, err := config.Load(filepath.Join(root, config.FileName))
	if err != nil {
		env.Project.Root = root
		return err
	}
	env.Project.Root, env.Project.Config = root, c
	return nil
}

// findProject does as FindConfig for a run that is reported. From then on the end has subscribers.
func (op opener) findProject() error {
	if err := op.env.FindConfig(); err != nil {
		return err
	}
	op.env.Report.Service, op.env.Report.Environment = op.env.Project.Config.Service, op.env.Flags.Environment
	return nil
}

// planCommit computes the plan and finds the environment of the commit.
func (op opener) planCommit() error {
	created, err := SourceDate(op.env.Vars)
	if err != nil {
		return err
	}
	p := op.env.Project
	p.Plan, err = plan.New(p.Config, p.Commit, plan.Options{
		Environment: op.env.Flags.Environment, Only: op.env.Flags.Only, Created: created, Platform: inputs.HostPlatform(),
	})
	if err == nil {
		p.Environment, err = p.Config.Environment(p.Plan.Environment, "")
	}
	return err
}

// filterChanged leaves the components of the plan that have changed since a revision; empty leaves all.
func (op opener) filterChanged(ctx context.Context, revision string) error {
	if revision == "" {
		return nil
	}
	p := op.env.Project.Plan
	comparison := inputs.Comparison{Plan: p, Keys: op.env.Clients.Keys(), Guard: op.env.Clients.Guard(), Environ: op.env.Vars.ForCommands()}
	changed, err := comparison.ChangedSince(ctx, revision)
	if err == nil {
		p.Narrow(op.env.Project.Config, changed)
	}
	return err
}

// openEnvironment finds the environment, and starts with a plan of nothing but its components.
func (op opener) openEnvironment(ctx context.Context, reason string) error {
	if reason != "" && strings.TrimSpace(reason) == "" {
		return problem.New(problem.Usage, "say why, or leave it out", "reading -reason: there is nothing in it")
	}
	if err := op.findProject(); err != nil {
		return err
	}
	err := op.env.ReadHead(ctx)
	if err != nil {
		return err
	}
	p := op.env.Project
	if p.Environment, err = p.Config.EnvironmentOf(op.env.Flags.Environment, refOf(p.Commit)); err != nil {
		return err
	}
	if err := op.requireRef(); err != nil {
		return err
	}
	components, err := p.Config.Select(op.env.Flags.Only)
	if err != nil {
		return err
	}
	existing, err := plan.Existing(p.Config, p.Commit, p.Environment, nil)
	if err != nil {
		return err
	}
	for _, component := range components {
		repository := p.Config.Repository(p.Environment.Name, component)
		existing.Images = append(existing.Images, plan.Image{Component: component.Name, Repository: repository})
	}
	op.env.Report.Reason = op.env.Redact.String(strings.Join(strings.Fields(reason), " ")) // it enters commits
	op.env.Report.By = op.env.Actor()
	op.env.Adopt(existing)
	op.env.Resume.Line, op.env.Status.sha = op.env.commandLine(), p.Commit.SHA
	op.logPlan(ctx)
	op.env.Console.Task(op.env.Command.Name, *existing)
	return nil
}

// Adopt makes a plan of images that exist the run's. Its commit only says where the application is.
func (env *Env) Adopt(p *plan.Plan) {
	commit := env.Project.Commit
	p.Commit = git.Commit{Root: commit.Root, Repository: commit.Repository, URL: commit.URL}
	env.Project.Plan = p
	env.Record.SetPlan(p)
}

// SourceDate reads the time that is to be stamped into images (https://reproducible-builds.org/specs/source-date-epoch),
// zero where none is set.
func SourceDate(v vars.Vars) (time.Time, error) {
	text := v.Get(vars.SourceDateEpoch)
	if text == "" {
		return time.Time{}, nil
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, problem.New(problem.Usage, "set it to a number of seconds, or unset it", "reading SOURCE_DATE_EPOCH: %w", err)
	}
	return time.Unix(seconds, 0), nil
}

// logPlan says what was decided before anything was asked.
func (op opener) logPlan(ctx context.Context) {
	p := op.env.Project.Plan
	names := make([]string, len(p.Images))
	for i, image := range p.Images {
		names[i] = image.Ref().String()
	}
	telemetry.Info(ctx, "planned", slog.String("service", p.Service), slog.String("environment", p.Environment),
		slog.String("commit", string(p.Commit.SHA)), slog.String("images", strings.Join(names, ",")))
}
