package cli

import (
	"context"
	"log/slog"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	astragoci "github.com/xiilab/astrago-ci"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/telemetry"
	"github.com/xiilab/astrago-ci/magefiles/internal/telemetry/otlp"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// runTrace is the run's own span and where it is sent; the zero value is a run without traces.
type runTrace struct {
	exporter *otlp.Exporter
	span     trace.Span
}

// start returns a context in which everything that happens is logged and traced, as far as that is wanted. A mistake in
// how traces are sent is a notice, and the run goes on without them.
func (t *runTrace) start(ctx context.Context, env *Env) context.Context {
	if n := verbosity(env.Flags, env.Vars); n > 0 {
		level := slog.LevelInfo
		if n > 1 {
			level = slog.LevelDebug
		}
		options := telemetry.LogOptions{Level: level, JSON: env.Vars.Get(vars.LogFormat) == "json"}
		ctx = telemetry.WithLogger(ctx, telemetry.NewLogger(env.Console.Log(), options))
	}
	if endpoint := env.Vars.Get(vars.TracesEndpoint); endpoint != "" {
		exporter, err := otlp.Open(otlp.Config{
			Endpoint: endpoint, Protocol: env.Vars.Get(vars.TracesProtocol), Headers: env.Vars.Headers(vars.TracesHeaders),
			Version: astragoci.Version(), Redact: env.Redact.String,
		})
		if err != nil {
			env.Console.Note("this run is not traced: reading OTEL_EXPORTER_OTLP_*: " + err.Error())
		} else {
			t.exporter = exporter
			ctx, t.span = exporter.Start(ctx, "mage "+string(env.Command.Name),
				env.Vars.Get(vars.TraceParent), env.Vars.Get(vars.TraceState))
		}
	}
	telemetry.Info(ctx, "started", slog.String("command", string(env.Command.Name)), slog.String("version", astragoci.Version()))
	return ctx
}

// verbosity is 1 for -v, which is also mage's own flag before the target, and 2 for -vv.
func verbosity(f Flags, v vars.Vars) int {
	if verbose, err := strconv.ParseBool(v.Get(vars.Verbose)); err == nil && verbose {
		return max(1, f.Verbosity)
	}
	return f.Verbosity
}

// finish closes the trace and the log. It never changes how the run ends.
func (t *runTrace) finish(ctx context.Context, env *Env, outcome report.Outcome, err error) {
	exit := 0
	if failure := report.NewError(err); failure != nil {
		exit = failure.Exit
	}
	telemetry.Info(ctx, "ended", slog.String("outcome", string(outcome)), slog.Int("exit", exit))
	if t.exporter == nil {
		return
	}
	t.span.SetAttributes(traceAttributes(env)...)
	t.span.SetAttributes(attribute.String("astrago.outcome", string(outcome)), attribute.Int("process.exit.code", exit))
	telemetry.End(t.span, err)
	if err := t.exporter.Close(ctx); err != nil {
		env.Console.Note("this run's trace is incomplete: sending it to OTEL_EXPORTER_OTLP_ENDPOINT: " + err.Error())
	}
}

// traceAttributes returns the attributes that identify the run, as far as they are known.
func traceAttributes(env *Env) []attribute.KeyValue {
	attributes := []attribute.KeyValue{
		attribute.String("astrago.service", env.Report.Service),
		attribute.String("deployment.environment.name", env.Report.Environment),
		attribute.String("cicd.pipeline.run.url.full", env.RunURL()),
	}
	if p := env.Project.Plan; p != nil {
		attributes = append(attributes,
			attribute.String("vcs.repository.name", p.Commit.Repository),
			attribute.String("vcs.ref.head.revision", string(p.Commit.SHA)),
			attribute.String("vcs.ref.head.name", p.Commit.Branch))
	}
	known := attributes[:0]
	for _, a := range attributes {
		if a.Value.AsString() != "" {
			known = append(known, a)
		}
	}
	return known
}
