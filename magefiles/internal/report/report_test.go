package report_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/summary"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/sample"
)

func TestWriteJSON(t *testing.T) {
	for name, r := range map[string]report.Report{
		"released": sample.Report(report.CommandRelease),
		"refused":  sample.Failed(sample.Refused()),
		"empty":    {},
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := report.WriteJSON(&b, r); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(b.String(), "null") {
				t.Errorf("null in the document:\n%s", b.String())
			}
			var back report.Report
			if err := json.Unmarshal(b.Bytes(), &back); err != nil {
				t.Fatal(err)
			}
			if back.Schema != report.Schema {
				t.Errorf("schema %q, want %q", back.Schema, report.Schema)
			}
			sample.Golden(t, "json/"+name+".json", b.String())
		})
	}
}

func TestWriteJSONRoundsTimes(t *testing.T) {
	r := report.Report{Seconds: 0.3 + 0.6, Images: []report.Image{{Seconds: 3.5999999999999996}}, Stages: []report.Timing{{Seconds: 1.23456}}}
	var b strings.Builder
	if err := report.WriteJSON(&b, r); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"seconds": 0.9,`, `"seconds": 3.6` + "\n", `"seconds": 1.235,`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%s is missing in\n%s", want, b.String())
		}
	}
	if r.Images[0].Seconds != 3.5999999999999996 {
		t.Error("the caller's report was changed")
	}
}

func TestWriteJSONLeavesTheReportAlone(t *testing.T) {
	r := sample.Report(report.CommandBump)
	r.Deployment[0].Changes = nil
	if err := report.WriteJSON(&bytes.Buffer{}, r); err != nil {
		t.Fatal(err)
	}
	if r.Deployment[0].Changes != nil {
		t.Error("the caller's report was changed")
	}
}

func TestPlanJSON(t *testing.T) {
	for name, p := range map[string]plan.Plan{"plan": sample.Plan(), "plan-empty": {}} {
		var b bytes.Buffer
		if err := report.PlanJSON(&b, p, sample.Actions()); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), "null") {
			t.Errorf("null in the document:\n%s", b.String())
		}
		sample.Golden(t, "json/"+name+".json", b.String())
	}
}

func TestOutcomeOf(t *testing.T) {
	refused := problem.New(problem.Refused, "", "older build")
	tests := []struct {
		err  error
		want report.Outcome
		exit int
	}{
		{nil, report.Done, 0},
		{errors.New("x"), report.Failed, 1},
		{refused, report.Refused, 3},
		{fmt.Errorf("bumping: %w", refused), report.Refused, 3},
		{problem.New(problem.Usage, "", "x"), report.Failed, 2},
		{problem.New(problem.Conflict, "", "x"), report.Failed, 4},
		{problem.New(problem.Terminate, "", "x"), report.Cancelled, 143},
		{fmt.Errorf("pushing: %w", context.Canceled), report.Cancelled, 130},
		{fmt.Errorf("pushing: %w", context.DeadlineExceeded), report.Failed, 1},
	}
	for _, test := range tests {
		if got := report.OutcomeOf(test.err); got != test.want {
			t.Errorf("OutcomeOf(%v) = %q, want %q", test.err, got, test.want)
		}
		if e := report.NewError(test.err); e != nil && e.Exit != test.exit {
			t.Errorf("exit of %v is %d, want %d", test.err, e.Exit, test.exit)
		}
	}
}

func TestNewErrorTakesTheChainApart(t *testing.T) {
	inner := problem.New(problem.Refused, "grant it", "denied").At(problem.Place{File: "a.yaml", Line: 3, Snippet: "3 | x"})
	outer := problem.New(problem.Failed, "", "pushing %q: %w", "core", inner)
	tests := map[string]error{
		"problem":         inner,
		"wrapped":         fmt.Errorf("pushing %q: %w", "core", inner),
		"problem in it":   outer,
		"wrapped outside": fmt.Errorf("releasing: %w", outer),
	}
	messages := map[string]string{
		"problem":         "denied",
		"wrapped":         `pushing "core": denied`,
		"problem in it":   `pushing "core": denied`,
		"wrapped outside": `releasing: pushing "core": denied`,
	}
	for name, err := range tests {
		e := report.NewError(err)
		if e.Message != messages[name] || e.Remedy != "grant it" || e.Place.String() != "a.yaml:3" || e.Place.Snippet != "3 | x" {
			t.Errorf("%s: got %+v with place %v", name, e, e.Place)
		}
	}
}

// Who wraps a Problem with a remedy of its own knows more of the situation.
func TestNewErrorPrefersTheOutermostRemedyAndPlace(t *testing.T) {
	inner := problem.New(problem.Failed, "inner", "denied").At(problem.Place{File: "inner.yaml"})
	outer := problem.New(problem.Refused, "outer", "pushing: %w", inner).At(problem.Place{File: "outer.yaml"})
	e := report.NewError(outer)
	if e.Message != "pushing: denied" || e.Remedy != "outer" || e.Place.String() != "outer.yaml" || e.Exit != problem.Refused {
		t.Errorf("got %+v with place %v", e, e.Place)
	}
}

func TestNewErrorSplitsJoinedErrors(t *testing.T) {
	a := problem.New(problem.Usage, "do a", "a is wrong").At(problem.Place{File: "f", Line: 1})
	b := problem.New(problem.Usage, "do b", "b is wrong").At(problem.Place{File: "f", Line: 2})
	join := errors.Join(a, fmt.Errorf("part: %w", errors.Join(b, errors.New("c"))))
	for name, err := range map[string]error{
		"wrapped": fmt.Errorf("loading: %w", join),
		"problem": problem.New(problem.Usage, "", "loading: %w", join),
	} {
		e := report.NewError(err)
		got := []string{e.Message + "|" + e.Place.String() + "|" + e.Remedy}
		for _, more := range e.More {
			got = append(got, more.Message+"|"+more.Place.String()+"|"+more.Remedy)
		}
		want := "loading: a is wrong|f:1|do a\nloading: part: b is wrong|f:2|do b\nloading: part: c||"
		if strings.Join(got, "\n") != want {
			t.Errorf("%s:\ngot  %q\nwant %q", name, strings.Join(got, "\n"), want)
		}
	}
}

func TestNewErrorKeepsTwoCausesInOneSentence(t *testing.T) {
	e := report.NewError(fmt.Errorf("%w, and then %w", errors.New("a"), errors.New("b")))
	if e.Message != "a, and then b" || len(e.More) != 0 {
		t.Errorf("got %+v", e)
	}
}

func TestChanged(t *testing.T) {
	r := sample.Report(report.CommandBump)
	if !r.Changed() {
		t.Error("a commit with changes is no change")
	}
	r.Deployment[0].Changes = nil
	if r.Changed() {
		t.Error("a commit found without changes is a change")
	}
}

func TestLines(t *testing.T) {
	pinned := "ghcr.io/xiilab/astrago-backend:core-stage-a1b2c3d4@" + sample.Digest(0) + "\n" +
		"ghcr.io/xiilab/astrago-backend:batch-stage-a1b2c3d4@" + sample.Digest(1) + "\n" +
		"ghcr.io/xiilab/astrago-backend:monitor-stage-a1b2c3d4@" + sample.Digest(2) + "\n"
	tests := []struct {
		command report.Command
		outcome report.Outcome
		want    string
	}{
		{report.CommandBuild, report.Done, pinned},
		{report.CommandPush, report.NothingToDo, pinned},
		{report.CommandBump, report.Done, string(sample.Deployed + "\n")},
		{report.CommandRelease, report.NothingToDo, string(sample.Deployed + "\n")},
		{report.CommandRelease, report.Failed, ""},
		{report.CommandPush, report.Cancelled, ""},
		{report.CommandBump, report.Refused, ""},
	}
	for _, test := range tests {
		r := sample.Report(test.command)
		r.Outcome = test.outcome
		var b strings.Builder
		if err := report.Lines(&b, r); err != nil {
			t.Fatal(err)
		}
		if b.String() != test.want {
			t.Errorf("%s, %s: got %q, want %q", test.command, test.outcome, b.String(), test.want)
		}
	}
}

func TestBrokenStreams(t *testing.T) {
	r := sample.Report(report.CommandBump)
	for name, err := range map[string]error{
		"Lines":     report.Lines(sample.BrokenWriter{}, r),
		"WriteJSON": report.WriteJSON(sample.BrokenWriter{}, r),
		"Summary":   summary.Write(sample.BrokenWriter{}, r),
		"Outputs":   report.Outputs(sample.BrokenWriter{}, r),
		"PlanJSON":  report.PlanJSON(sample.BrokenWriter{}, sample.Plan(), nil),
	} {
		if !errors.Is(err, sample.ErrBroken) {
			t.Errorf("%s: got %v, want %v", name, err, sample.ErrBroken)
		}
	}
}
