package release

import (
	"context"
	"io"

	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// Build makes the images of the working tree, also of one that differs from its commit, and loads them where this machine
// can run them.
func Build(ctx context.Context, p Process, o Options) error {
	return command(report.CommandBuild, func(ctx context.Context, s *session) error {
		s.console.Header(*s.plan)
		loader, err := s.loader(ctx)
		if err != nil {
			return err
		}
		if len(s.plan.Prepare.Run) > 0 { // what it reads is another thing afterwards
			if _, err := s.keysOf().of(ctx, s.plan.Images); err != nil {
				return err
			}
		}
		if err := s.prepare(ctx); err != nil {
			return err
		}
		if _, err := s.build(ctx, s.plan.Images, nil); err != nil {
			return err
		}
		return s.load(ctx, loader, s.plan.Images)
	})(ctx, p, o)
}

// Push uploads what Build made of this commit, byte for byte; with Options.Build it builds what the registry lacks.
func Push(ctx context.Context, p Process, o Options) error {
	return command(report.CommandPush, func(ctx context.Context, s *session) error {
		if err := s.plan.Commit.RequireClean("push"); err != nil {
			return err
		}
		s.console.Header(*s.plan)
		if o.Build {
			return s.pushMissing(ctx)
		}
		if err := s.requireCertainBuild(ctx, "push"); err != nil {
			return err
		}
		return s.push(ctx, s.plan.Images, false)
	})(ctx, p, o)
}

// Bump sets the tags that Push put into the registry.
func Bump(ctx context.Context, p Process, o Options) error {
	return command(report.CommandBump, func(ctx context.Context, s *session) error {
		s.console.Header(*s.plan)
		now, drafts, err := s.check(ctx, s.requirePublished)
		if err != nil {
			return err
		}
		if o.DryRun {
			return s.dryRun(now, drafts)
		}
		if err := s.confirm(ctx, now, o.Images != nil); err != nil {
			return err
		}
		upToDate, err := s.bump(ctx, now)
		if upToDate {
			s.report.Outcome = report.NothingToDo
		}
		return err
	})(ctx, p, o)
}

// Plan prints the plan, and what the registry has of it. It changes nothing, and works without a network.
func Plan(ctx context.Context, p Process, o Options) error {
	return command(report.CommandPlan, func(ctx context.Context, s *session) error {
		actions, err := s.foresee(ctx)
		if err != nil {
			return err
		}
		if o.Explain {
			if err := s.explain(ctx, actions); err != nil {
				return err
			}
		}
		summarise := func(w io.Writer, _ report.Report) error { return report.PlanSummary(w, *s.plan, actions) }
		if err := s.appendTo(vars.StepSummary, summarise); err != nil {
			return err
		}
		if o.JSON {
			return s.printDocument(func(w io.Writer) error { return report.PlanJSON(w, *s.plan, actions) })
		}
		stdout := s.redact.Writer(s.process.Stdout)
		report.NewConsole(stdout, look(s.vars, s.process.Stdout)).Plan(*s.plan, actions)
		return stdout.Flush()
	})(ctx, p, o)
}
