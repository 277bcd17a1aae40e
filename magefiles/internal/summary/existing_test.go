package summary_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/sample"
)

func TestHeadlinesOfExistingImages(t *testing.T) {
	for want, change := range map[string]func() report.Report{
		"is promoted from stage to prod":           func() report.Report { return sample.Existing(report.CommandPromote) },
		"dry run: astrago-backend can be promoted": func() report.Report { r := sample.Existing(report.CommandPromote); r.DryRun = true; return r },
		"rolled back astrago-backend in prod":      func() report.Report { return sample.Existing(report.CommandRollback) },
		"nothing to do: astrago-backend in prod is up to date": func() report.Report {
			r := sample.Existing(report.CommandRollback)
			r.Outcome = report.NothingToDo
			return r
		},
		"the hold of astrago-backend in prod is lifted": func() report.Report { return sample.Existing(report.CommandHold) },
		"astrago-backend in prod is held":               func() report.Report { r := sample.Existing(report.CommandHold); r.Reason = "closing"; return r },
		"nothing of astrago-backend in prod is held":    func() report.Report { r := sample.Existing(report.CommandHold); r.Holds = []report.Hold{}; return r },
		"2 of astrago-backend in prod held":             func() report.Report { r := sample.Existing(report.CommandHold); r.Holds = sample.Holds(); return r },
		"rollback of astrago-backend in prod proposed": func() report.Report {
			r := sample.Existing(report.CommandRollback)
			r.Deployment[0].PullRequest = &report.PullRequest{Number: 1}
			return r
		},
	} {
		r := change()
		r.Service = "astrago-backend"
		if got := write(t, r); !strings.Contains(strings.ReplaceAll(got, `\`, ""), want) {
			t.Errorf("the summary does not say %q:\n%s", want, got)
		}
	}
}

// TestSummaryOfARollback shows what a person decided, beside what it did.
func TestSummaryOfARollback(t *testing.T) {
	r := sample.Existing(report.CommandRollback)
	r.Reason, r.By, r.Holds, r.Run = "login `fails`", "kim", sample.Holds(), sample.RunURL
	sample.Golden(t, "rollback.md", write(t, r))
	r.Command = report.CommandPromote
	r.Reason, r.Holds, r.Commit = "", nil, report.Commit{SHA: sample.SHA, URL: string("https://github.com/xiilab/astrago-backend/commit/" + sample.SHA)}
	sample.Golden(t, "promote.md", write(t, r))
}

func TestSummaryOfWhatIsLive(t *testing.T) {
	sample.Golden(t, "waited.md", write(t, sample.Waited()))
}
