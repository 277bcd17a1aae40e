// Package promote is `mage promote`: it deploys to one environment what another one has: the same images, under the tags that they
// have there. Nothing is built or transferred. Killed anywhere, it finishes when it is run again.
package promote

import (
	"context"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/rollout"
)

// Options are the flags of `mage promote`.
type Options struct {
	cli.Flags
	rollout.WaitOptions
	Reason string // -reason: why, for commits and for people who are refused later
	From   string // -from: the environment to promote from, empty: the one that the configuration names
	Force  bool   // -force: deploy also over a newer build or a hold
	DryRun bool   // -dryRun: look at everything, change nothing

	Approved string // -approved: fingerprint of a dry run, to do what it has shown or nothing; empty: do what is found
}

func (o Options) asCommand() cli.Command {
	arguments := cli.Arguments(nil).Text("from", o.From).Only(o.Only).Text("reason", o.Reason).
		Bool("force", o.Force).Bool("dryRun", o.DryRun).
		Bool("noWait", o.NoWait).Duration("timeout", o.Timeout).Text("approved", o.Approved)
	return cli.Command{
		Name: report.CommandPromote, Arguments: arguments, Pushes: true, Redeploys: true, ReadOnly: o.DryRun, ReportsToGitHub: true,
	}
}

// Run promotes the images.
func Run(ctx context.Context, p cli.Process, o Options) error {
	return cli.RunEnvironment(ctx, p, o.asCommand(), o.Flags, o.Reason, func(ctx context.Context, env *cli.Env) error {
		m := &promotion{env: env, options: o}
		if err := m.check(ctx); err != nil {
			return err
		}
		m.rollout.StartNotes(ctx, m.bumpOf, m.drafts)
		if !o.DryRun {
			env.Status.StartFor(ctx, m.images())
		}
		waiter := rollout.NewWaiter(env, o.WaitOptions).WithRollback()
		if rollout.HasChanges(m.drafts) {
			if err := waiter.Check(ctx); err != nil {
				return err
			}
		}
		if o.DryRun {
			env.Record.AddDryRun(m.rollout.DryRun(m.drafts, m.bumpOf))
			env.Console.Note("dry run: nothing was tagged or committed")
			return nil
		}
		if err := m.tag(ctx); err != nil {
			return err
		}
		deployed, err := m.rollout.CommitAll(ctx, m.bumpOf)
		env.Record.AddDeployed(deployed)
		if err != nil {
			return err
		}
		live, err := waiter.Wait(ctx, deployed)
		env.Record.AddLive(live)
		return err
	})
}
