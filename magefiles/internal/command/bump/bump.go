// Package bump is `mage bump`: it sets the tags that `mage push` put into the registry in the deployment repositories.
package bump

import (
	"context"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/preflight"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// Options are the flags of `mage bump`.
type Options struct {
	cli.Flags
	ChangedSince string   // -changedSince: only components that are made of something else than at this revision; empty: all
	Images       []string // -images: repository:tag@digest, what another job has pushed; nil: not given
	Force        bool     // -force: deploy also over a newer build
	DryRun       bool     // -dryRun: look at everything, change nothing
}

func (o Options) asCommand() cli.Command {
	arguments := cli.Arguments(nil).Only(o.Only).Text("changedSince", o.ChangedSince).Texts("images", o.Images, " ").
		Bool("force", o.Force).Bool("dryRun", o.DryRun)
	return cli.Command{
		Name: report.CommandBump, Arguments: arguments, DeploysCommit: true, NeedsCleanTree: true, ReadOnly: o.DryRun,
		ReportsToGitHub: true,
	}
}

// Run deploys the images.
func Run(ctx context.Context, p cli.Process, o Options) error {
	commit := cli.CommitOptions{ChangedSince: o.ChangedSince}
	return cli.RunCommit(ctx, p, o.asCommand(), o.Flags, commit, func(ctx context.Context, env *cli.Env) error {
		env.Console.Header(*env.Project.Plan)
		images, err := preflight.ParseHandedOver(o.Images)
		if err != nil {
			return err
		}
		checker := preflight.New(env, preflight.Options{Images: images})
		deploy, err := checker.CheckDeploy(ctx, o.Force, checker.RequirePublished)
		if err != nil {
			return err
		}
		if o.DryRun {
			env.Record.AddDryRun(deploy.DryRun())
			env.Console.Note("dry run: nothing was built, pushed or committed")
			return nil
		}
		deployed, err := deploy.Finish(ctx)
		env.Record.AddDeployed(deployed)
		return err
	})
}
