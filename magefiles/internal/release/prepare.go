package release

import (
	"context"

	"github.com/xiilab/astrago-ci/magefiles/internal/build"
	"github.com/xiilab/astrago-ci/magefiles/internal/prepare"
	"github.com/xiilab/astrago-ci/magefiles/internal/telemetry/otlp"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// prepare runs the configured commands once, before any image.
func (s *session) prepare(ctx context.Context) error {
	if len(s.plan.Prepare.Run) == 0 {
		return nil
	}
	ctx, stage := s.stage(ctx, "prepare")
	build.LearnSecrets(s.redact, s.plan.Images, s.plan.Commit.Root, s.vars.Lookup)
	err := prepare.Run(ctx, s.plan.Prepare.Run, prepare.Options{Dir: s.plan.Commit.Root, Env: s.commandEnviron(ctx), Out: stage.Writer()})
	if err != nil {
		stage.Fail(err)
		return err
	}
	stage.Done(count(len(s.plan.Prepare.Run), "command"))
	files, err := s.files(ctx)
	if err == nil {
		files.Reset(ctx)
		s.keysOf().afterPrepare()
	}
	return err
}

// commandEnviron lets a command that knows traces continue the run's.
func (s *session) commandEnviron(ctx context.Context) []string {
	environ := s.vars.ForCommands()
	if parent := otlp.Traceparent(ctx); parent != "" {
		environ = append(environ, string(vars.TraceParent)+"="+parent)
	}
	return environ
}
