// Package build is `mage build`: it makes the images of the working tree, also of one that differs from its commit, and loads them
// where this machine can run them.
package build

import (
	"context"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/images"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// Options are the flags of `mage build`.
type Options struct {
	cli.Flags
	ChangedSince string // -changedSince: only components that are made of something else than at this revision; empty: all
	Rebuild      bool   // -rebuild: build also what has been built from the same inputs
	Parallel     int    // -parallel: components built at once; 0: as buildkit.Options.Parallel has it
	Lint         bool   // -lint: what BuildKit's checks find fails the build
}

func (o Options) asCommand() cli.Command {
	arguments := cli.Arguments(nil).Only(o.Only).Text("changedSince", o.ChangedSince).Bool("rebuild", o.Rebuild).
		Number("parallel", o.Parallel).Bool("lint", o.Lint)
	return cli.Command{Name: report.CommandBuild, Arguments: arguments, TakesProposals: true, Quiet: true}
}

// Run builds and loads the images.
func Run(ctx context.Context, p cli.Process, o Options) error {
	commit := cli.CommitOptions{ChangedSince: o.ChangedSince, Parallel: o.Parallel}
	return cli.RunCommit(ctx, p, o.asCommand(), o.Flags, commit, func(ctx context.Context, env *cli.Env) error {
		p := env.Project.Plan
		env.Console.Header(*p)
		loader, err := images.FindLoader(ctx, env)
		if err != nil {
			return err
		}
		if len(p.Prepare.Run) > 0 { // what it reads is another thing afterwards
			if _, err := env.Clients.Keys().Of(ctx, p.Images); err != nil {
				return err
			}
		}
		if err := images.Prepare(ctx, env); err != nil {
			return err
		}
		builder := images.NewBuilder(env, images.BuildOptions{Parallel: o.Parallel, Rebuild: o.Rebuild, Lint: o.Lint})
		built, err := builder.Build(ctx, p.Images, nil)
		env.Record.AddBuilt(built)
		if err != nil {
			return err
		}
		loaded, err := loader.LoadImages(ctx, p.Images)
		env.Record.AddLoaded(loaded)
		return err
	})
}
