package report_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// existing is the report of a command on images that exist.
func existing(command report.Command) report.Report {
	r := sampleReport(command)
	r.Environment, r.Commit = "prod", report.Commit{}
	r.From = &report.From{Environment: "stage", Repository: "xiilab/astrago-deployment", Commit: deployed}
	return r
}

func held() []report.Hold {
	return []report.Hold{
		{Component: "core", Tag: "core-stage-1", Rejected: deployed, Until: "newer", Reason: "login\nfails", By: "kim", Since: sampleTime, Repository: "a/b", Branch: "main"},
		{Component: "batch", Until: "lift", Since: sampleTime, Repository: "a/b", Branch: "main"},
	}
}

func TestHeadlinesOfExistingImages(t *testing.T) {
	for want, change := range map[string]func() report.Report{
		"is promoted from stage to prod":                func() report.Report { return existing(report.CommandPromote) },
		"dry run: astrago-backend can be promoted":      func() report.Report { r := existing(report.CommandPromote); r.DryRun = true; return r },
		"astrago-backend in prod is rolled back":        func() report.Report { return existing(report.CommandRollback) },
		"nothing to do: astrago-backend in prod is as":  func() report.Report { r := existing(report.CommandRollback); r.Outcome = report.NothingToDo; return r },
		"the hold of astrago-backend in prod is lifted": func() report.Report { return existing(report.CommandHold) },
		"astrago-backend in prod is held":               func() report.Report { r := existing(report.CommandHold); r.Reason = "closing"; return r },
		"nothing of astrago-backend in prod is held":    func() report.Report { r := existing(report.CommandHold); r.Holds = []report.Hold{}; return r },
		"2 of astrago-backend in prod held":             func() report.Report { r := existing(report.CommandHold); r.Holds = held(); return r },
		"rollback of astrago-backend in prod proposed": func() report.Report {
			r := existing(report.CommandRollback)
			r.Deployment[0].PullRequest = &report.PullRequest{Number: 1}
			return r
		},
	} {
		r := change()
		r.Service = "astrago-backend"
		if got := summary(t, r); !strings.Contains(strings.ReplaceAll(got, `\`, ""), want) {
			t.Errorf("the summary does not say %q:\n%s", want, got)
		}
	}
}

// TestSummaryOfARollback shows what a person decided, beside what it did.
func TestSummaryOfARollback(t *testing.T) {
	r := existing(report.CommandRollback)
	r.Reason, r.By, r.Holds, r.Run = "login `fails`", "kim", held(), runURL
	golden(t, "summary/rollback.md", summary(t, r))
	r.Command = report.CommandPromote
	r.Reason, r.Holds, r.Commit = "", nil, report.Commit{SHA: sampleSHA, URL: "https://github.com/xiilab/astrago-backend/commit/" + sampleSHA}
	golden(t, "summary/promote.md", summary(t, r))
}

// TestARollbackHasOneResult prints its commit, not what it holds.
func TestARollbackHasOneResult(t *testing.T) {
	r := existing(report.CommandRollback)
	r.Holds = held()
	var b bytes.Buffer
	if err := report.Lines(&b, r); err != nil || b.String() != deployed+"\n" {
		t.Errorf("lines %q, %v", b.String(), err)
	}
}

// Each hold is one line, whatever its reason holds.
func TestLinesOfHolds(t *testing.T) {
	r := existing(report.CommandHold)
	r.Deployment, r.Holds = nil, held()
	var b bytes.Buffer
	if err := report.Lines(&b, r); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], "by kim, rejected core-stage-1, until a newer build: login") || !strings.Contains(lines[1], "until it is lifted") {
		t.Errorf("lines %q", lines)
	}
}
