// Package rollback is `mage rollback`: it deploys what an environment had before, and holds what it replaces.
package rollback

import (
	"context"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/rollout"
	"github.com/xiilab/astrago-ci/magefiles/internal/runreport"
)

// Options are the flags of `mage rollback`.
type Options struct {
	cli.Flags
	rollout.WaitOptions
	To     string // -to: what to roll back to: a tag, a commit of the application or of the deployment repository
	Steps  int    // -steps: how many states to roll back; 0 is 1
	Reason string // -reason: why, for the commit and for later refusals
	Force  bool   // -force: also where the charts do not render or an image cannot be looked at
	DryRun bool   // -dryRun: look at everything, change nothing

	Approved string // -approved: fingerprint of a dry run, to do what it has shown or nothing; empty: do what is found
}

func (o Options) arguments() cli.Arguments {
	return cli.Arguments(nil).Text("to", o.To).Number("steps", o.Steps).Only(o.Only).Text("reason", o.Reason).
		Bool("force", o.Force).Bool("dryRun", o.DryRun).Bool("noWait", o.NoWait).Duration("timeout", o.Timeout).
		Text("approved", o.Approved)
}

func (o Options) asCommand() cli.Command {
	return cli.Command{
		Name: report.CommandRollback, Arguments: o.arguments(), Redeploys: true, ReadOnly: o.DryRun, ReportsToGitHub: true,
		ResumesRefused: true,
	}
}

func (o Options) validate() error {
	switch {
	case o.To != "" && o.Steps != 0:
		return problem.New(problem.Usage, "give one of them", "choosing where to roll back to: -to and -steps exclude each other")
	case o.Steps < 0:
		return problem.New(problem.Usage, "write 1 or more", "reading -steps: %d is not a number of states", o.Steps)
	}
	return o.WaitOptions.Validate()
}

// Run rolls back.
func Run(ctx context.Context, p cli.Process, o Options) error {
	return cli.RunEnvironment(ctx, p, o.asCommand(), o.Flags, o.Reason, func(ctx context.Context, env *cli.Env) error {
		r := &rollback{env: env, options: o}
		if err := r.check(ctx); err != nil {
			return err
		}
		if len(r.rejected) > 0 {
			r.rollout.StartNotes(ctx, r.bumpOf, r.drafts)
		}
		if len(r.rejected) == 0 {
			env.Record.NothingToDo()
		}
		if o.DryRun {
			env.Record.AddDryRun(r.rollout.DryRun(r.drafts, r.bumpOf))
			env.Console.Note("dry run: nothing was tagged or committed")
			return nil
		}
		deployed, err := r.deploy(ctx)
		if err != nil {
			return err
		}
		live, err := rollout.NewWaiter(env, o.WaitOptions).Wait(ctx, deployed)
		env.Record.AddLive(live)
		return err
	})
}

// deploy makes the commits. Run again after one of them, the same command would go back once more; what it says to run
// instead does not.
func (r *rollback) deploy(ctx context.Context) (runreport.Deployed, error) {
	if len(r.rejected) == 0 {
		return runreport.Deployed{}, nil
	}
	r.env.Resume.Line = r.resumeLine()
	r.env.Status.StartFor(ctx, r.images)
	deployed, err := r.rollout.CommitAll(ctx, r.bumpOf)
	deployed.UpToDate = false // what is proposed already was asked for again
	r.env.Record.AddDeployed(deployed)
	if err != nil {
		return deployed, err
	}
	r.reportHolds(deployed.Results)
	r.printHold(deployed.Results)
	rollout.WarnProposed(r.env, deployed.Results)
	return deployed, nil
}

// resumeLine returns the command line that goes to the state that was found, however often it is run.
func (r *rollback) resumeLine() string {
	o := r.options
	o.Reason = r.env.Report.Reason
	if to := r.restoredName(); to != "" {
		o.To, o.Steps = to, 0
	}
	return cli.CommandLine(report.CommandRollback, r.env.Project.Environment.Name, o.arguments())
}

// nextLine returns the command line for the state before the one that was to come back.
func (r *rollback) nextLine() string {
	o := r.options
	o.To, o.Steps = "", max(1, o.Steps)+1
	return cli.CommandLine(report.CommandRollback, r.env.Project.Environment.Name, o.arguments())
}
