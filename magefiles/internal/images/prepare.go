// Package images makes the images of a plan and brings them to where they are used: it runs `prepare`, builds, pushes, tags and loads.
package images

import (
	"context"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/attachable"
	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/prepare"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// Prepare runs the configured commands once, before any image.
func Prepare(ctx context.Context, env *cli.Env) error {
	p := env.Project.Plan
	if len(p.Prepare.Run) == 0 {
		return nil
	}
	ctx, stage := env.Stage(ctx, "prepare")
	attachable.LearnSecrets(env.Redact, p.Images, p.Commit.Root, env.Vars.Lookup)
	err := prepare.Run(ctx, p.Prepare.Run, prepare.Options{Dir: p.Commit.Root, Env: env.CommandEnviron(ctx), Out: stage.Writer()})
	if err != nil {
		stage.Fail(err)
		return err
	}
	stage.Done(report.Plural(len(p.Prepare.Run), "command"))
	if err = env.Clients.Files().Reset(ctx); err == nil {
		env.Clients.Keys().AfterPrepare()
	}
	return err
}
