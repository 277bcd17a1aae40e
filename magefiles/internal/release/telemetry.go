package release

import (
	"cmp"
	"context"
	"log/slog"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	astragoci "github.com/xiilab/astrago-ci"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/telemetry"
	"github.com/xiilab/astrago-ci/magefiles/internal/telemetry/otlp"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// traced is the run's own span and where it is sent; the zero value is a run without traces.
type traced struct {
	exporter *otlp.Exporter
	span     trace.Span
}

// instrument gives a context in which everything that happens is logged and traced, as far as somebody wants that. A mistake in
// how traces are sent is told, and the run goes on without them.
func (s *session) instrument(ctx context.Context) context.Context {
	if n := s.verbosity(); n > 0 {
		level := slog.LevelInfo
		if n > 1 {
			level = slog.LevelDebug
		}
		options := telemetry.LogOptions{Level: level, JSON: s.vars.Get(vars.LogFormat) == "json"}
		ctx = telemetry.WithLogger(ctx, telemetry.NewLogger(s.console.Log(), options))
	}
	if endpoint := s.vars.Get(vars.TracesEndpoint); endpoint != "" {
		exporter, err := otlp.Open(otlp.Config{
			Endpoint: endpoint, Protocol: s.vars.Get(vars.TracesProtocol), Headers: s.vars.Headers(vars.TracesHeaders),
			Version: astragoci.Version(), Redact: s.redact.String,
		})
		if err != nil {
			s.console.Note("this run is not traced: reading OTEL_EXPORTER_OTLP_*: " + err.Error())
		} else {
			s.traced.exporter = exporter
			ctx, s.traced.span = exporter.Start(ctx, "mage "+string(s.report.Command),
				s.vars.Get(vars.TraceParent), s.vars.Get(vars.TraceState))
		}
	}
	telemetry.Info(ctx, "started", slog.String("command", string(s.report.Command)), slog.String("version", astragoci.Version()))
	return ctx
}

// verbosity is 1 for -v, which is also mage's own flag before the target, and 2 for -vv.
func (s *session) verbosity() int { return verbosity(s.options, s.vars) }

func verbosity(o Options, v vars.Vars) int {
	if verbose, err := strconv.ParseBool(v.Get(vars.Verbose)); err == nil && verbose {
		return max(1, o.Verbosity)
	}
	return o.Verbosity
}

// ended closes the trace and the log. It never changes how the run ends.
func (s *session) ended(ctx context.Context, outcome report.Outcome, err error) {
	exit := 0
	if failure := report.NewError(err); failure != nil {
		exit = failure.Exit
	}
	telemetry.Info(ctx, "ended", slog.String("outcome", string(outcome)), slog.Int("exit", exit))
	if s.traced.exporter == nil {
		return
	}
	s.traced.span.SetAttributes(s.described()...)
	s.traced.span.SetAttributes(attribute.String("astrago.outcome", string(outcome)), attribute.Int("process.exit.code", exit))
	telemetry.End(s.traced.span, err)
	if err := s.traced.exporter.Close(ctx); err != nil {
		s.console.Note("this run's trace is incomplete: sending it to OTEL_EXPORTER_OTLP_ENDPOINT: " + err.Error())
	}
}

// described is what the run is of, as far as that is known.
func (s *session) described() []attribute.KeyValue {
	attributes := []attribute.KeyValue{
		attribute.String("astrago.service", s.report.Service),
		attribute.String("deployment.environment.name", s.report.Environment),
		attribute.String("cicd.pipeline.run.url.full", s.report.Run),
	}
	if s.plan != nil {
		commit := s.plan.Commit
		attributes = append(attributes,
			attribute.String("vcs.repository.name", commit.Repository),
			attribute.String("vcs.ref.head.revision", commit.SHA),
			attribute.String("vcs.ref.head.name", commit.Branch))
	}
	known := attributes[:0]
	for _, a := range attributes {
		if a.Value.AsString() != "" {
			known = append(known, a)
		}
	}
	return known
}

// stage starts a stage on the console, and its span; both end together.
func (s *session) stage(ctx context.Context, name string) (context.Context, *report.Stage) {
	stage := s.console.Stage(name)
	ctx, span := telemetry.Start(ctx, name)
	telemetry.Info(ctx, "stage", slog.String("name", name))
	stage.OnEnd(func(outcome report.Outcome, note string, err error) {
		telemetry.Info(ctx, "stage ended", slog.String("name", name), slog.String("outcome", string(outcome)), slog.String("note", note))
		span.SetAttributes(attribute.String("astrago.outcome", string(outcome)), attribute.String("astrago.note", note))
		telemetry.End(span, err)
	})
	return ctx, stage
}

// logPlan says what was decided before anything was asked.
func (s *session) logPlan(ctx context.Context) {
	names := make([]string, len(s.plan.Images))
	for i, image := range s.plan.Images {
		names[i] = image.Ref()
	}
	telemetry.Info(ctx, "planned", slog.String("service", s.plan.Service), slog.String("environment", s.plan.Environment),
		slog.String("commit", s.plan.Commit.SHA), slog.String("images", strings.Join(names, ",")))
}

// daemonTraces lets a BuildKit daemon of our own send its spans to the same collector. It sends no measurements there.
func (s *session) daemonTraces() []string {
	endpoint := s.vars.Get(vars.TracesEndpoint)
	if endpoint == "" {
		return nil
	}
	environ := []string{
		string(vars.TracesEndpoint) + "=" + endpoint,
		string(vars.TracesProtocol) + "=" + cmp.Or(s.vars.Get(vars.TracesProtocol), otlp.HTTP), // BuildKit's default is another
		"OTEL_METRICS_EXPORTER=none", "OTEL_IGNORE_ERROR=true",
	}
	if headers := s.vars.Get(vars.TracesHeaders); headers != "" {
		environ = append(environ, string(vars.TracesHeaders)+"="+headers)
	}
	return environ
}
