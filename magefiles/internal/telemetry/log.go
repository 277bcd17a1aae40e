package telemetry

import (
	"context"
	"io"
	"log/slog"

	"go.opentelemetry.io/otel/trace"
)

// LogOptions say what a log holds and in which form.
type LogOptions struct {
	Level slog.Level // the least that is written
	JSON  bool       // a JSON object a line, else key=value

	replace func(groups []string, a slog.Attr) slog.Attr // nil leaves every attribute as it is
}

// NewLogger makes a log that writes each record to w in one call. A record within a span names it.
func NewLogger(w io.Writer, o LogOptions) *slog.Logger {
	options := &slog.HandlerOptions{Level: o.Level, ReplaceAttr: o.replace}
	var handler slog.Handler = slog.NewTextHandler(w, options)
	if o.JSON {
		handler = slog.NewJSONHandler(w, options)
	}
	return slog.New(traced{handler})
}

// traced adds the ids of the context's span, by which a record is found from the trace and the other way.
type traced struct{ slog.Handler }

// Handle implements slog.Handler.
func (t traced) Handle(ctx context.Context, record slog.Record) error {
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		record.AddAttrs(slog.String("trace_id", span.TraceID().String()), slog.String("span_id", span.SpanID().String()))
	}
	return t.Handler.Handle(ctx, record)
}

// WithAttrs and WithGroup implement slog.Handler; the embedded handler's own would leave out the ids.
func (t traced) WithAttrs(attrs []slog.Attr) slog.Handler { return traced{t.Handler.WithAttrs(attrs)} }

// WithGroup implements slog.Handler.
func (t traced) WithGroup(name string) slog.Handler { return traced{t.Handler.WithGroup(name)} }

type loggerKey struct{}

// WithLogger returns a context whose records go to a log.
func WithLogger(ctx context.Context, logger *slog.Logger) context.Context {
	return context.WithValue(ctx, loggerKey{}, logger)
}

// Logger is the context's log; one that drops everything where there is none.
func Logger(ctx context.Context) *slog.Logger {
	if logger, ok := ctx.Value(loggerKey{}).(*slog.Logger); ok {
		return logger
	}
	return slog.New(slog.DiscardHandler)
}

// Info writes a record of what -v shows: stages, decisions, requests.
func Info(ctx context.Context, message string, attrs ...slog.Attr) {
	Logger(ctx).LogAttrs(ctx, slog.LevelInfo, message, attrs...)
}

// Debug writes a record of what only -vv shows: repetitions, commands of git, headers, steps of builds.
func Debug(ctx context.Context, message string, attrs ...slog.Attr) {
	Logger(ctx).LogAttrs(ctx, slog.LevelDebug, message, attrs...)
}
