package report_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

func waited() report.Report {
	r := sampleReport(report.CommandWait)
	r.Images, r.Stages, r.Deployment[0].Changes = nil, []report.Timing{{Name: "wait", Started: sampleTime, Seconds: 10.61, Outcome: report.Done}}, nil
	r.Live = &report.Sync{
		Application: "astrago", URL: "https://argocd.example.com/applications/astrago", Revision: deployed,
		Sync: "Synced", Health: "Healthy", Seconds: 10.6123,
	}
	return r
}

func TestWhatIsLiveIsReported(t *testing.T) {
	r := waited()
	golden(t, "summary/waited.md", summary(t, r))
	var console, document, lines bytes.Buffer
	report.NewConsole(&console, report.Options{}).Finish(r)
	golden(t, "console/waited.txt", console.String())
	if err := report.WriteJSON(&document, r); err != nil {
		t.Fatal(err)
	}
	golden(t, "json/waited.json", document.String())
	if r.Live.Seconds != 10.6123 {
		t.Error("the caller's report was changed")
	}
	if err := report.Lines(&lines, r); err != nil || strings.TrimSpace(lines.String()) != deployed {
		t.Errorf("the result is %q, error %v", lines.String(), err)
	}
}

// TestSeveralApplicationsAreReported each on its own.
func TestSeveralApplicationsAreReported(t *testing.T) {
	r := waited()
	r.AlsoLive = []report.Sync{{Application: "customer", URL: "https://argocd.example.com/applications/customer", Revision: sampleSHA, Sync: "Synced", Health: "Healthy", Seconds: 3.0001}}
	var console, lines bytes.Buffer
	report.NewConsole(&console, report.Options{}).Finish(r)
	for _, word := range []string{"astrago is Synced and Healthy at 7f3c2d1e", "customer is Synced and Healthy at a1b2c3d4", "applications/customer"} {
		if !strings.Contains(console.String(), word) {
			t.Errorf("nobody is told %q:\n%s", word, console.String())
		}
	}
	if got := summary(t, r); !strings.Contains(got, "| [customer](https://argocd.example.com/applications/customer) | Synced |") {
		t.Errorf("the summary is\n%s", got)
	}
	if err := report.Lines(&lines, r); err != nil || lines.String() != deployed+"\n"+sampleSHA+"\n" {
		t.Errorf("the result is %q, error %v", lines.String(), err)
	}
}

func TestNewerValuesAreReported(t *testing.T) {
	r := waited()
	r.Live.Superseded = "9f8e7d6c (deploy(stage): backend 9f8e7d6c)"
	var console bytes.Buffer
	report.NewConsole(&console, report.Options{}).Finish(r)
	if want := "Synced and Healthy at 7f3c2d1e, superseded by 9f8e7d6c"; !strings.Contains(console.String(), want) || !strings.Contains(summary(t, r), "9f8e7d6c") {
		t.Errorf("nobody is told %q:\n%s%s", want, console.String(), summary(t, r))
	}
}

func TestAStageSaysWhatItIsAt(t *testing.T) {
	for name, test := range map[string]struct {
		options report.Options
		want    string
	}{
		"plain":    {report.Options{}, "▸ wait\n  wait       Progressing\n  wait       ::Degraded\n"},
		"github":   {report.Options{GitHub: true}, "::group::▸ wait\n  wait       Progressing\n"},
		"terminal": {report.Options{Terminal: true}, "\r▸ wait       Progressing\r▸ wait       ::Degraded"},
	} {
		var b bytes.Buffer
		stage := report.NewConsole(&b, test.options).Stage("wait")
		stage.Say("Progressing")
		stage.Say("::Degraded")
		told := b.String()
		if !strings.Contains(told, test.want) {
			t.Errorf("%s: got %q, want %q", name, told, test.want)
		}
		stage.Done("")
		ended := b.String()
		if stage.Say("late"); b.String() != ended {
			t.Errorf("%s: an ended stage says %q", name, strings.TrimPrefix(b.String(), ended))
		}
	}
}
