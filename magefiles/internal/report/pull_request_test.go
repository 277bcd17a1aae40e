package report_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/console"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/summary"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/sample"
)

// TestPullRequestIsShownEverywhere wants the address wherever a reader would look for the result.
func TestPullRequestIsShownEverywhere(t *testing.T) {
	const address = "https://github.com/xiilab/astrago-deployment/pull/12"
	for name, test := range map[string]struct {
		outcome report.Outcome
		merged  bool
		words   string
	}{
		"open":      {report.Done, false, "backend proposed to stage"},
		"unchanged": {report.NothingToDo, false, "backend a1b2c3d4 is proposed to stage already"},
		"merged":    {report.Done, true, "backend released to stage"},
	} {
		t.Run(name, func(t *testing.T) {
			r := sample.Report(report.CommandRelease)
			r.Outcome = test.outcome
			r.Deployment[0].PullRequest = &report.PullRequest{Number: 12, URL: address, Merged: test.merged}
			var onConsole, inSummary, outputs, document strings.Builder
			console.New(&onConsole, console.Options{}).Finish(r)
			for _, err := range []error{summary.Write(&inSummary, r), report.Outputs(&outputs, r), report.WriteJSON(&document, r)} {
				if err != nil {
					t.Fatal(err)
				}
			}
			for where, text := range map[string]string{"console": onConsole.String(), "summary": inSummary.String(), "outputs": outputs.String(), "JSON": document.String()} {
				if !strings.Contains(text, address) {
					t.Errorf("the %s lacks the address:\n%s", where, text)
				}
			}
			for where, text := range map[string]string{"console": onConsole.String(), "summary": inSummary.String()} {
				if !strings.Contains(text, test.words) {
					t.Errorf("the %s does not say %q:\n%s", where, test.words, text)
				}
			}
			if got := parseOutputs(t, outputs.String())["pull-request"]; got != address {
				t.Errorf("output pull-request=%q", got)
			}
		})
	}
}

func TestPlanSaysHowTheBranchIsWritten(t *testing.T) {
	p := sample.Plan()
	p.Deployments[0].PullRequest = &config.PullRequest{}
	p.Deployments[0].Files[0].Create = true
	var table, document strings.Builder
	console.New(&table, console.Options{}).Plan(p, nil)
	if err := report.PlanJSON(&document, p, nil); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(table.String(), "branch stabilize/1.0, by a pull request") {
		t.Errorf("the table is\n%s", table.String())
	}
	for _, word := range []string{`"mode": "pull-request"`, `"create": true`, `"api": "graphql"`} {
		if !strings.Contains(document.String(), word) {
			t.Errorf("the document lacks %s:\n%s", word, document.String())
		}
	}
}
