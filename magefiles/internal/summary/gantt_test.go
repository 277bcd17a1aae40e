package summary_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/sample"
)

// diagram returns the lines of the summary's diagram.
func diagram(t *testing.T, r report.Report) []string {
	t.Helper()
	_, rest, found := strings.Cut(write(t, r), "```mermaid\n")
	if !found {
		return nil
	}
	body, _, closed := strings.Cut(rest, "\n```\n")
	if !closed {
		t.Fatalf("the diagram stays open:\n%s", rest)
	}
	return strings.Split(body, "\n")
}

// task is the one form that all tasks have; none of the letters that end a name is in it.
var task = regexp.MustCompile(`^  [\pL\pN_ .]+ :(crit, )?s\d+, 2000-01-\d\d \d\d:\d\d:\d\d\.\d{3}, [1-9]\d*ms$`)

func TestSummaryDrawsTheStages(t *testing.T) {
	sample.Golden(t, "failed-later.md", write(t, sample.FailedLater()))
	hostile := sample.Report(report.CommandRelease)
	for _, name := range []string{sample.Hostile, "section", "click: me; %%x", "#;:", "2025-01-01 :crit"} {
		hostile.Stages = append(hostile.Stages, report.Timing{Name: name, Started: sample.Time.Add(time.Second), Seconds: 0.0001, Outcome: report.Failed})
	}
	long := sample.Report(report.CommandRelease)
	long.Stages[0].Seconds, long.Stages[1].Seconds = 7200, 0.1
	early := sample.Report(report.CommandRelease)
	early.Stages[0].Started = sample.Time.Add(-time.Hour) // a clock that was set
	for name, r := range map[string]report.Report{"hostile": hostile, "long": long, "early": early} {
		lines := diagram(t, r)
		if len(lines) != 4+len(r.Stages)-1 {
			t.Fatalf("%s: of %d stages one is skipped:\n%s", name, len(r.Stages), strings.Join(lines, "\n"))
		}
		for _, line := range lines[4:] {
			if !task.MatchString(line) || strings.HasPrefix(line, "  section") || strings.HasPrefix(line, "  click") {
				t.Errorf("%s: mermaid does not read %q", name, line)
			}
		}
	}
	if lines := diagram(t, long); !strings.Contains(lines[3], "%H:%M:%S") || !strings.Contains(lines[5], ", 72000ms") {
		t.Errorf("beside two hours 0.1 s are not seen:\n%s", strings.Join(lines, "\n"))
	}
}

// TestDiagramStaysReadable draws no more than GitHub does, and nothing for one stage.
func TestDiagramStaysReadable(t *testing.T) {
	r := sample.Report(report.CommandRelease)
	for i := range 5000 {
		r.Stages = append(r.Stages, report.Timing{Name: fmt.Sprintf("%d %s", i, strings.Repeat("단계", 100)), Started: sample.Time, Seconds: 1, Outcome: report.Done})
	}
	if got := strings.Join(diagram(t, r), "\n"); got == "" || len(got) > 50_000 {
		t.Errorf("the diagram has %d bytes", len(got))
	}
	r.Stages = r.Stages[:1]
	if got := diagram(t, r); got != nil {
		t.Errorf("one stage is drawn: %q", got)
	}
}
