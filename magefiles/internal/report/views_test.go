package report_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/console"
	"github.com/xiilab/astrago-ci/magefiles/internal/page"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/summary"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/sample"
)

// writeSummary returns the job summary of a report.
func writeSummary(t *testing.T, r report.Report) string {
	t.Helper()
	var b strings.Builder
	if err := summary.Write(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestSubjectIsShown wants how a commit would be worded in both views of a dry run.
func TestSubjectIsShown(t *testing.T) {
	r := report.Report{
		Command: report.CommandRelease, Outcome: report.Done, DryRun: true, Service: "backend", Environment: "stage",
		Deployment: []report.Deployment{{Repository: "acme/deployment", Branch: "main", Subject: "OPS-1 <b> keep(stage)"}},
	}
	var onConsole, inSummary bytes.Buffer
	console.New(&onConsole, console.Options{Width: 100}).Finish(r)
	if err := summary.Write(&inSummary, r); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(onConsole.String(), "commit message: OPS-1 <b> keep(stage)") || strings.Contains(inSummary.String(), "<b>") ||
		!strings.Contains(inSummary.String(), "commit message: OPS-1 ") {
		t.Errorf("console:\n%s\nsummary:\n%s", &onConsole, &inSummary)
	}
}

// TestKeptTagsAreShown wants what is kept in every view of a run.
func TestKeptTagsAreShown(t *testing.T) {
	r := report.Report{
		Command: report.CommandRelease, Outcome: report.Done, Service: "backend", Environment: "stage",
		Images:     []report.Image{{Component: "core", Ref: refs.Image("ghcr.io/acme/backend:core-2")}},
		Deployment: []report.Deployment{{Repository: "acme/deployment", Branch: "main", Commit: "5f3c0b1d", Kept: []report.Kept{{Component: "core", Tag: "core-1", Digest: "sha256:ab"}}}},
	}
	if !r.Deployment[0].KeepsAll() {
		t.Errorf("%+v does not keep all", r.Deployment)
	}
	var onConsole, inSummary, onPage bytes.Buffer
	console.New(&onConsole, console.Options{Width: 100}).Finish(r)
	for _, err := range []error{summary.Write(&inSummary, r), page.WriteRun(&onPage, r, "en")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{"console": onConsole.String(), "summary": inSummary.String()} {
		if !strings.Contains(text, "core keeps core-1, which is the same image") {
			t.Errorf("the %s does not say what is kept:\n%s", name, text)
		}
	}
	if !strings.Contains(onPage.String(), "<code>core core-1</code>") {
		t.Errorf("the page does not say what is kept:\n%s", onPage.String())
	}
}

// TestSeveralApplicationsAreReported each on its own.
func TestSeveralApplicationsAreReported(t *testing.T) {
	r := sample.Waited()
	r.AlsoLive = []report.Sync{{Application: "customer", URL: "https://argocd.example.com/applications/customer", Revision: string(sample.SHA), Sync: "Synced", Health: "Healthy", Seconds: 3.0001}}
	var onConsole, lines bytes.Buffer
	console.New(&onConsole, console.Options{}).Finish(r)
	for _, word := range []string{"astrago is Synced and Healthy at 7f3c2d1e", "customer is Synced and Healthy at a1b2c3d4", "applications/customer"} {
		if !strings.Contains(onConsole.String(), word) {
			t.Errorf("nobody is told %q:\n%s", word, onConsole.String())
		}
	}
	if got := writeSummary(t, r); !strings.Contains(got, "| [customer](https://argocd.example.com/applications/customer) | Synced |") {
		t.Errorf("the summary is\n%s", got)
	}
	if err := report.Lines(&lines, r); err != nil || lines.String() != string(sample.Deployed+"\n"+sample.SHA+"\n") {
		t.Errorf("the result is %q, error %v", lines.String(), err)
	}
}

func TestNewerValuesAreReported(t *testing.T) {
	r := sample.Waited()
	r.Live.Superseded = "9f8e7d6c (deploy(stage): backend 9f8e7d6c)"
	var onConsole bytes.Buffer
	console.New(&onConsole, console.Options{}).Finish(r)
	if want := "Synced and Healthy at 7f3c2d1e, superseded by 9f8e7d6c"; !strings.Contains(onConsole.String(), want) || !strings.Contains(writeSummary(t, r), "9f8e7d6c") {
		t.Errorf("nobody is told %q:\n%s%s", want, onConsole.String(), writeSummary(t, r))
	}
}
