// Package plan is `mage plan`: it prints the plan, and what the registry has of it. It changes nothing, and works without a network.
package plan

import (
	"context"
	"io"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/console"
	"github.com/xiilab/astrago-ci/magefiles/internal/preflight"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/summary"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// Options are the flags of `mage plan`.
type Options struct {
	cli.Flags
	ChangedSince string // -changedSince: only components that are made of something else than at this revision; empty: all
	Rebuild      bool   // -rebuild: build also what has been built from the same inputs
	Explain      bool   // -explain: what has changed of what is to be built
}

func (o Options) asCommand() cli.Command {
	arguments := cli.Arguments(nil).Only(o.Only).Text("changedSince", o.ChangedSince).Bool("rebuild", o.Rebuild).Bool("explain", o.Explain)
	return cli.Command{Name: report.CommandPlan, Arguments: arguments, TakesProposals: true, PrintsItself: true, Quiet: true}
}

// Run prints the plan.
func Run(ctx context.Context, p cli.Process, o Options) error {
	commit := cli.CommitOptions{ChangedSince: o.ChangedSince}
	return cli.RunCommit(ctx, p, o.asCommand(), o.Flags, commit, func(ctx context.Context, env *cli.Env) error {
		actions, err := preflight.New(env, preflight.Options{Rebuild: o.Rebuild}).PreviewActions(ctx)
		if err != nil {
			return err
		}
		if o.Explain {
			if err := newExplainer(env).explain(ctx, actions); err != nil {
				return err
			}
		}
		p := *env.Project.Plan
		err = env.AppendTo(vars.StepSummary, func(w io.Writer) error { return summary.WritePlan(w, p, actions) })
		switch {
		case err != nil:
			return err
		case o.JSON:
			return env.PrintDocument(func(w io.Writer) error { return report.PlanJSON(w, p, actions) })
		}
		return env.PrintConsole(func(c *console.Console) { c.Plan(p, actions) })
	})
}
