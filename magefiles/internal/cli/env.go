package cli

import (
	"cmp"
	"context"
	"log/slog"

	"go.opentelemetry.io/otel/attribute"

	"github.com/xiilab/astrago-ci/magefiles/internal/console"
	"github.com/xiilab/astrago-ci/magefiles/internal/redact"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/runreport"
	"github.com/xiilab/astrago-ci/magefiles/internal/telemetry"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// Env is the environment of one run of one command.
type Env struct {
	Command Command
	Flags   Flags
	Process Process
	Vars    vars.Vars
	Redact  *redact.Redactor
	Console *console.Console
	Project *Project
	Clients *Clients
	Report  *report.Report
	Record  *runreport.Builder // what the report is made by
	Resume  Resume
	Status  *GitHubStatus

	stderr *redact.Writer
	trace  runTrace
}

// Start begins a run, and returns the context for all of it. A caller that starts a run without Run calls End.
func Start(ctx context.Context, p Process, c Command, f Flags) (context.Context, *Env) {
	v := vars.Parse(p.Environ)
	env := &Env{Command: c, Flags: f, Process: p, Vars: v, Redact: redact.New(v.Secrets()...), Project: &Project{}}
	env.Redact.Guess(v.Suspects()...)
	env.stderr = env.Redact.Writer(p.Stderr)
	env.Console = console.New(env.stderr, buildConsoleOptions(f, v, p.Stderr))
	env.Clients = newClients(env)
	env.Status = &GitHubStatus{env: env}
	env.Record = runreport.New(c.Name, runURL(v))
	env.Report = env.Record.Report()
	ctx = env.trace.start(ctx, env)
	return ctx, env
}

// Stage starts a stage on the console, and its span; both end together.
func (env *Env) Stage(ctx context.Context, name string) (context.Context, *console.Stage) {
	stage := env.Console.Stage(name)
	ctx, span := telemetry.Start(ctx, name)
	telemetry.Info(ctx, "stage", slog.String("name", name))
	stage.OnEnd(func(outcome report.Outcome, note string, err error) {
		telemetry.Info(ctx, "stage ended", slog.String("name", name), slog.String("outcome", string(outcome)), slog.String("note", note))
		span.SetAttributes(attribute.String("astrago.outcome", string(outcome)), attribute.String("astrago.note", note))
		telemetry.End(span, err)
	})
	return ctx, stage
}

// RunURL returns the page of the workflow run, empty outside of one.
func (env *Env) RunURL() string { return env.Report.Run }

// OnlyReads reports whether the run has a token that can only read the deployment repository. Rights to write are not looked at then:
// another run, with other tokens, is to do what this one shows.
func (env *Env) OnlyReads() bool {
	writes := cmp.Or(env.Vars.Get(vars.DeployToken), env.Vars.Get(vars.DeployAppID), env.Vars.Get(vars.DeployAppKey))
	return env.Command.ReadOnly && writes == "" && env.Vars.Get(vars.DeployReadToken) != ""
}

// InWorkflow reports whether the run is one of a GitHub workflow.
func (env *Env) InWorkflow() bool { return env.Vars.InWorkflow() }

// Actor returns the person that asked for the run, where the token's owner is not: in a workflow.
// GITHUB_ACTOR stays the one that started it first, also where another person runs it again.
func (env *Env) Actor() string {
	return cmp.Or(env.Vars.Get(vars.TriggeringActor), env.Vars.Get(vars.Actor))
}
