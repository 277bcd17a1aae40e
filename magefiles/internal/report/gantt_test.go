package report_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// diagram gives the lines of the summary's diagram.
func diagram(t *testing.T, r report.Report) []string {
	t.Helper()
	_, rest, found := strings.Cut(summary(t, r), "```mermaid\n")
	if !found {
		return nil
	}
	body, _, closed := strings.Cut(rest, "\n```\n")
	if !closed {
		t.Fatalf("the diagram stays open:\n%s", rest)
	}
	return strings.Split(body, "\n")
}

// failedLater is a release of which the third stage fails.
func failedLater() report.Report {
	r := sampleReport(report.CommandRelease)
	r.Deployment, r.Stages = nil, r.Stages[:3]
	r.Stages[2].Outcome, r.Stages[2].Note = report.Refused, "refused"
	r.Fail(problem.New(problem.Refused, "mage hold -env=stage -lift", "bumping: stage is held"))
	return r
}

// task is the one form that all tasks have; none of the letters that end a name is in it.
var task = regexp.MustCompile(`^  [\pL\pN_ .]+ :(crit, )?s\d+, 2000-01-\d\d \d\d:\d\d:\d\d\.\d{3}, [1-9]\d*ms$`)

func TestSummaryDrawsTheStages(t *testing.T) {
	golden(t, "summary/failed-later.md", summary(t, failedLater()))
	hostile := sampleReport(report.CommandRelease)
	for _, name := range []string{evil, "section", "click: me; %%x", "#;:", "2025-01-01 :crit"} {
		hostile.Stages = append(hostile.Stages, report.Timing{Name: name, Started: sampleTime.Add(time.Second), Seconds: 0.0001, Outcome: report.Failed})
	}
	long := sampleReport(report.CommandRelease)
	long.Stages[0].Seconds, long.Stages[1].Seconds = 7200, 0.1
	early := sampleReport(report.CommandRelease)
	early.Stages[0].Started = sampleTime.Add(-time.Hour) // a clock that was set
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
	r := sampleReport(report.CommandRelease)
	for i := range 5000 {
		r.Stages = append(r.Stages, report.Timing{Name: fmt.Sprintf("%d %s", i, strings.Repeat("단계", 100)), Started: sampleTime, Seconds: 1, Outcome: report.Done})
	}
	if got := strings.Join(diagram(t, r), "\n"); got == "" || len(got) > 50_000 {
		t.Errorf("the diagram has %d bytes", len(got))
	}
	r.Stages = r.Stages[:1]
	if got := diagram(t, r); got != nil {
		t.Errorf("one stage is drawn: %q", got)
	}
}
