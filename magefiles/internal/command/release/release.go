// Package release is `mage release`: it takes the commit to the deployment repository. What the registry lacks is built and pushed,
// then the values are set in one commit, which Argo CD is waited for. Killed anywhere, it finishes when it is run again.
package release

import (
	"context"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/images"
	"github.com/xiilab/astrago-ci/magefiles/internal/preflight"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/rollout"
	"github.com/xiilab/astrago-ci/magefiles/internal/runreport"
)

// Options are the flags of `mage release`.
type Options struct {
	cli.Flags
	rollout.WaitOptions
	ChangedSince string   // -changedSince: only components that are made of something else than at this revision; empty: all
	Images       []string // -images: repository:tag@digest, what another job has pushed; nil: not given
	Rebuild      bool     // -rebuild: build also what has been built from the same inputs
	Parallel     int      // -parallel: components built at once; 0: as buildkit.Options.Parallel has it
	Lint         bool     // -lint: what BuildKit's checks find fails the build
	Force        bool     // -force: deploy also over a newer build
	DryRun       bool     // -dryRun: look at everything, change nothing
}

func (o Options) asCommand() cli.Command {
	arguments := cli.Arguments(nil).Only(o.Only).Text("changedSince", o.ChangedSince).Texts("images", o.Images, " ").
		Bool("rebuild", o.Rebuild).Number("parallel", o.Parallel).Bool("lint", o.Lint).Bool("force", o.Force).Bool("dryRun", o.DryRun).
		Bool("noWait", o.NoWait).Duration("timeout", o.Timeout)
	return cli.Command{
		Name: report.CommandRelease, Arguments: arguments, Pushes: true, DeploysCommit: true, NeedsCleanTree: true, ReadOnly: o.DryRun,
		ReportsToGitHub: true,
	}
}

// Run releases the commit.
func Run(ctx context.Context, p cli.Process, o Options) error {
	commit := cli.CommitOptions{ChangedSince: o.ChangedSince, Parallel: o.Parallel}
	return cli.RunCommit(ctx, p, o.asCommand(), o.Flags, commit, func(ctx context.Context, env *cli.Env) error {
		if err := o.WaitOptions.Validate(); err != nil {
			return err
		}
		env.Console.Header(*env.Project.Plan)
		waiter := rollout.NewWaiter(env, o.WaitOptions).WithRollback()
		deployed, err := deploy(ctx, env, o, waiter)
		if err != nil || o.DryRun {
			return err
		}
		live, err := waiter.Wait(ctx, deployed)
		env.Record.AddLive(live)
		return err
	})
}

// deploy checks everything, publishes what the registry lacks, and commits the values.
func deploy(ctx context.Context, env *cli.Env, o Options, waiter rollout.Waiter) (done runreport.Deployed, err error) {
	images, err := preflight.ParseHandedOver(o.Images)
	if err != nil {
		return done, err
	}
	checker := preflight.New(env, preflight.Options{Rebuild: o.Rebuild, Images: images})
	require := checker.RequirePublishable
	if o.Images != nil {
		require = checker.RequirePublished
	}
	deploy, err := checker.CheckDeploy(ctx, o.Force, require)
	if err != nil {
		return done, err
	}
	if deploy.HasWork() {
		if err := waiter.Check(ctx); err != nil {
			return done, err
		}
	}
	if o.DryRun {
		env.Record.AddDryRun(deploy.DryRun())
		env.Console.Note("dry run: nothing was built, pushed or committed")
		return done, nil
	}
	if o.Images == nil { // else this job runs nothing of the application
		if err := publish(ctx, env, o, deploy); err != nil {
			return done, err
		}
	}
	done, err = deploy.Finish(ctx)
	env.Record.AddDeployed(done)
	return done, err
}

// publish brings into the registry what it lacks. What is found out of an image on the way may be held: that is refused before any tag
// is put.
func publish(ctx context.Context, env *cli.Env, o Options, deploy *preflight.Deploy) error {
	publisher := images.NewPublisher(env)
	defer func() { env.Record.AddPublished(publisher.Published()) }()
	if err := publisher.Prepare(ctx, deploy.State); err != nil {
		return err
	}
	if err := deploy.PlanPrepared(ctx); err != nil {
		return err
	}
	builder := images.NewBuilder(env, images.BuildOptions{Parallel: o.Parallel, Rebuild: o.Rebuild, Lint: o.Lint, Push: true})
	made, err := publisher.Build(ctx, deploy.State, builder)
	if err != nil {
		return err
	}
	if err := deploy.AddBuilt(ctx, made.Outcomes); err != nil {
		return err
	}
	return publisher.Publish(ctx, deploy.State, made)
}
