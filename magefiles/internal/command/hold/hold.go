// Package hold is `mage hold`: it freezes the service's components in an environment, ends their holds, or shows what is held and why.
package hold

import (
	"context"
	"fmt"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/hold"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/rollout"
)

// Options are the flags of `mage hold`.
type Options struct {
	cli.Flags
	Reason string // -reason: hold, and why
	Lift   bool   // -lift: end holds
	DryRun bool   // -dryRun: show what would be held or lifted, change nothing

	Approved string // -approved: fingerprint of a dry run, to lift what it has shown or nothing; empty: lift what is found
}

// changes reports whether the command changes something: without -reason and -lift it only shows what is held.
func (o Options) changes() bool { return o.Lift || o.Reason != "" }

func (o Options) asCommand() cli.Command {
	arguments := cli.Arguments(nil).Only(o.Only).Text("reason", o.Reason).Bool("lift", o.Lift).Bool("dryRun", o.DryRun).
		Text("approved", o.Approved)
	return cli.Command{
		Name: report.CommandHold, Arguments: arguments, Redeploys: o.changes(), ReadOnly: !o.changes() || o.DryRun,
	}
}

// Run holds, lifts or shows.
func Run(ctx context.Context, p cli.Process, o Options) error {
	return cli.RunEnvironment(ctx, p, o.asCommand(), o.Flags, o.Reason, func(ctx context.Context, env *cli.Env) error {
		if o.Lift && o.Reason != "" {
			return problem.New(problem.Usage, "give one of them",
				"holding %q: -lift and -reason exclude each other", env.Project.Environment.Name)
		}
		h := &holdRun{env: env, options: o, since: time.Now().UTC().Truncate(time.Second)}
		if err := h.read(ctx); err != nil {
			return err
		}
		if !o.changes() {
			return h.show(ctx)
		}
		return h.commit(ctx)
	})
}

// holdRun is one run of the command.
type holdRun struct {
	env       *cli.Env
	options   Options
	client    *gitops.Client
	snapshots []*repo.Snapshot
	since     time.Time
}

func (h *holdRun) read(ctx context.Context) (err error) {
	if h.client, err = h.env.Clients.Deployment(); err != nil {
		return err
	}
	h.snapshots, err = rollout.ReadAll(ctx, h.client, h.env.Project.Plan.Deployments)
	if err != nil || len(h.options.Only) == 0 {
		return err
	}
	for _, snapshot := range h.snapshots { // a file that nothing reads can only be lifted whole: the others' holds stand in it, too
		if err := snapshot.CheckHolds(); err != nil {
			return err
		}
	}
	return nil
}

func (h *holdRun) commit(ctx context.Context) error {
	r, err := rollout.New(h.env, false)
	if err != nil {
		return err
	}
	bumpOf := func(i int) bump.Bump { return h.withHolds(i, r.Bump(i, h.snapshots[i], nil)) }
	if h.options.DryRun || h.options.Approved != "" {
		if err := h.look(ctx, r, bumpOf); err != nil || h.options.DryRun {
			return err
		}
	}
	deployed, err := r.CommitAll(ctx, bumpOf)
	h.env.Record.AddDeployed(deployed)
	rollout.WarnProposed(h.env, deployed.Results)
	return err
}

// look computes the commits, holds them against what was approved, and reports them in a dry run.
func (h *holdRun) look(ctx context.Context, r *rollout.Rollout, bumpOf rollout.BumpOf) error {
	drafts, err := r.Drafts(ctx, h.snapshots, bumpOf)
	if err != nil {
		return err
	}
	if err := r.RequireApproved(h.options.Approved, drafts, bumpOf); err != nil || !h.options.DryRun {
		return err
	}
	h.env.Record.AddDryRun(r.DryRun(drafts, bumpOf))
	if !rollout.HasChanges(drafts) {
		h.env.Record.NothingToDo()
	}
	h.env.Console.Note("dry run: nothing was held or lifted")
	return nil
}

// withHolds adds to a bump what it is to hold or to lift.
func (h *holdRun) withHolds(i int, b bump.Bump) bump.Bump {
	if h.options.Lift {
		b.Lift = h.liftedComponents(i)
		return b
	}
	for _, image := range h.env.Project.Plan.Images {
		b.Hold = append(b.Hold, hold.Hold{
			Component: image.Component, Until: config.HoldUntilLift, Reason: b.Reason, By: h.env.Actor(), Since: h.since, Run: b.RunURL,
		})
	}
	return b
}

// liftedComponents are the components that are named, or else all that are held, also those that the service has no more.
func (h *holdRun) liftedComponents(i int) []component.Name {
	names := plan.Components(h.env.Project.Plan.Images)
	if len(h.options.Only) > 0 {
		return names
	}
	for _, held := range h.snapshots[i].Holds {
		names = component.Add(names, held.Component)
	}
	return names
}

// show reports the holds of every deployment, in the deployments' order.
func (h *holdRun) show(ctx context.Context) error {
	h.env.Report.Holds = []report.Hold{}
	for _, snapshot := range h.snapshots {
		if err := snapshot.CheckHolds(); err != nil {
			return err
		}
		commit, err := h.client.Repo.HoldCommit(ctx, snapshot)
		if err != nil {
			return fmt.Errorf("asking who holds %s: %w", h.env.Project.Environment.Name, err)
		}
		for _, held := range snapshot.Holds {
			h.env.Record.AddHold(snapshot, held, commit)
		}
	}
	return nil
}
