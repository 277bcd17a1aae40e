package telemetry

import (
	"context"
	"encoding/json"
	"log/slog"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// calls keeps what each call of Write was given.
type calls struct {
	mu    sync.Mutex
	texts []string
}

func (c *calls) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.texts = append(c.texts, string(p))
	return len(p), nil
}

// within is a context of a span, which the tests do not record.
func within(ctx context.Context) (inSpan context.Context, traceID, spanID string) {
	span := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1, 2}, SpanID: trace.SpanID{3, 4}})
	return trace.ContextWithSpanContext(ctx, span), span.TraceID().String(), span.SpanID().String()
}

// TestRecordOfASpanNamesIt in both forms, and through every logger that was derived from the first.
func TestRecordOfASpanNamesIt(t *testing.T) {
	inSpan, traceID, spanID := within(t.Context())
	for name, derive := range map[string]func(*slog.Logger) *slog.Logger{
		"itself": func(l *slog.Logger) *slog.Logger { return l },
		"with":   func(l *slog.Logger) *slog.Logger { return l.With("a", 1) },
		"group":  func(l *slog.Logger) *slog.Logger { return l.WithGroup("g") },
		"both":   func(l *slog.Logger) *slog.Logger { return l.WithGroup("g").With("a", 1).WithGroup("h") },
	} {
		for form, json := range map[string]bool{"text": false, "JSON": true} {
			var log calls
			logger := derive(NewLogger(&log, LogOptions{JSON: json}))
			for _, ctx := range []context.Context{inSpan, t.Context()} {
				Info(WithLogger(ctx, logger), "message", slog.String("key", "value"))
			}
			if len(log.texts) != 2 {
				t.Fatalf("%s, %s: %q", name, form, log.texts)
			}
			for _, part := range []string{"trace_id", traceID, "span_id", spanID} {
				if !strings.Contains(log.texts[0], part) {
					t.Errorf("%s, %s: %q is not in %s", name, form, part, log.texts[0])
				}
			}
			if strings.Contains(log.texts[1], "_id") {
				t.Errorf("%s, %s: outside of a span: %s", name, form, log.texts[1])
			}
		}
	}
}

// TestLevelsHaveTheirRecords: -v has no records of -vv.
func TestLevelsHaveTheirRecords(t *testing.T) {
	for level, want := range map[slog.Level][]string{
		slog.LevelDebug: {"INFO", "DEBUG"}, slog.LevelInfo: {"INFO"}, slog.LevelWarn: nil,
	} {
		var log calls
		ctx := WithLogger(t.Context(), NewLogger(&log, LogOptions{Level: level, JSON: true}))
		Info(ctx, "stage")
		Debug(ctx, "detail")
		var got []string
		for _, line := range log.texts {
			var record struct{ Level string }
			if err := json.Unmarshal([]byte(line), &record); err != nil {
				t.Errorf("%s: %v", line, err)
			}
			got = append(got, record.Level)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s has records of %q, want %q", level, got, want)
		}
	}
}

// TestEachRecordIsOneWriteOfOneLine, whatever it quotes and however many write at once: who masks secrets in what is written, and who
// reads it, has whole records.
func TestEachRecordIsOneWriteOfOneLine(t *testing.T) {
	const writers, records = 8, 20
	for form, isJSON := range map[string]bool{"text": false, "JSON": true} {
		var log calls
		ctx := WithLogger(t.Context(), NewLogger(&log, LogOptions{JSON: isJSON}))
		var running sync.WaitGroup
		for range writers {
			running.Go(func() {
				for range records {
					Info(ctx, "a\nlevel=ERROR msg=forged", slog.String("b\nlevel=ERROR", "c\r\nd\x1b[31m"))
				}
			})
		}
		running.Wait()
		if len(log.texts) != writers*records {
			t.Errorf("%s: %d writes", form, len(log.texts))
		}
		for _, text := range log.texts {
			if strings.Count(text, "\n") != 1 || !strings.HasSuffix(text, "\n") || strings.ContainsAny(text, "\r\x1b") {
				t.Fatalf("%s: a write of %q", form, text)
			}
		}
	}
}

func TestRecordWithoutALogGoesNowhere(t *testing.T) {
	Info(t.Context(), "message") // must not fail
	if Logger(t.Context()).Enabled(t.Context(), slog.LevelError) {
		t.Error("a context without a log has one")
	}
}

// TestRanTellsHowACommandEnded, also one that could not be started.
func TestRanTellsHowACommandEnded(t *testing.T) {
	for name, test := range map[string]struct {
		line []string
		exit float64
	}{
		"success": {[]string{"git", "version"}, 0}, "failure": {[]string{"git", "no-such-command"}, 1}, "not started": {[]string{"/no/such/program", "-x"}, -1},
	} {
		var log calls
		ctx := WithLogger(t.Context(), NewLogger(&log, LogOptions{Level: slog.LevelDebug, JSON: true}))
		command := exec.CommandContext(ctx, test.line[0], test.line[1:]...)
		_ = command.Run()
		Ran(ctx, command, time.Now().Add(-time.Hour))
		var record struct {
			Line          string
			Exit, Seconds float64
		}
		if len(log.texts) != 1 {
			t.Fatalf("%s: %q", name, log.texts)
		}
		if err := json.Unmarshal([]byte(log.texts[0]), &record); err != nil {
			t.Fatal(err)
		}
		if record.Line != strings.Join(test.line, " ") || record.Exit != test.exit || record.Seconds < 3600 {
			t.Errorf("%s: %s", name, log.texts[0])
		}
	}
}
