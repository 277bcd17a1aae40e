// Package push is `mage push`: it uploads what `mage build` made of this commit, byte for byte; with -build it builds what the
// registry lacks.
package push

import (
	"context"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/images"
	"github.com/xiilab/astrago-ci/magefiles/internal/preflight"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// Options are the flags of `mage push`.
type Options struct {
	cli.Flags
	ChangedSince string // -changedSince: only components that are made of something else than at this revision; empty: all
	Build        bool   // -build: build what the registry lacks
	Rebuild      bool   // -rebuild: build also what has been built from the same inputs
}

func (o Options) asCommand() cli.Command {
	arguments := cli.Arguments(nil).Only(o.Only).Text("changedSince", o.ChangedSince).Bool("build", o.Build).Bool("rebuild", o.Rebuild)
	return cli.Command{Name: report.CommandPush, Arguments: arguments, Pushes: true, FailureOnly: true}
}

// Run pushes the images.
func Run(ctx context.Context, p cli.Process, o Options) error {
	commit := cli.CommitOptions{ChangedSince: o.ChangedSince}
	return cli.RunCommit(ctx, p, o.asCommand(), o.Flags, commit, func(ctx context.Context, env *cli.Env) error {
		p := env.Project.Plan
		if err := env.Project.RequireClean("push"); err != nil {
			return err
		}
		env.Console.Header(*p)
		if o.Build {
			return pushMissing(ctx, env, o)
		}
		if err := env.Clients.Guard().RequireCertainBuild(ctx, "push"); err != nil {
			return err
		}
		published, err := images.NewPublisher(env).Push(ctx, p.Images)
		env.Record.AddPublished(published)
		return err
	})
}

// pushMissing builds and pushes what the registry lacks, as a release does, without asking where it is to be deployed.
func pushMissing(ctx context.Context, env *cli.Env, o Options) error {
	checker := preflight.New(env, preflight.Options{Rebuild: o.Rebuild})
	state, err := checker.CheckImages(ctx)
	if err != nil {
		return err
	}
	if err := publish(ctx, env, o, checker, state); err != nil {
		return err
	}
	if err := checker.Confirm(ctx, state); err != nil {
		return err
	}
	env.Record.AddAllExisting(state.Published)
	return checker.RequirePublished(ctx, state)
}

// publish brings into the registry what it lacks.
func publish(ctx context.Context, env *cli.Env, o Options, checker *preflight.Checker, state *preflight.State) error {
	publisher := images.NewPublisher(env)
	defer func() { env.Record.AddPublished(publisher.Published()) }()
	if err := publisher.Prepare(ctx, state); err != nil {
		return err
	}
	if err := checker.PlanPrepared(ctx, state); err != nil {
		return err
	}
	made, err := publisher.Build(ctx, state, images.NewBuilder(env, images.BuildOptions{Rebuild: o.Rebuild, Push: true}))
	if err != nil {
		return err
	}
	state.AddBuilt(made.Outcomes)
	return publisher.Publish(ctx, state, made)
}
