package report_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/doctor"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// What a commit's author or a file of the deployment repository says commands no runner by way of standard output.
func TestAttackStandardOutput(t *testing.T) {
	r := report.Report{Command: report.CommandHold, Outcome: report.Done, Holds: []report.Hold{
		{Component: "core", Repository: "acme/deployment", Branch: "main", By: "x ##[add-mask]sha256", Until: "lift", Reason: "::stop-commands::x\n::add-mask::y\x1b[2J"},
	}}
	for name, write := range map[string]func(*bytes.Buffer) error{
		"lines": func(b *bytes.Buffer) error { return report.Lines(b, r) },
		"json":  func(b *bytes.Buffer) error { return report.WriteJSON(b, r) },
		"doctor": func(b *bytes.Buffer) error {
			finding := doctor.Finding{Status: doctor.Warn, Text: "its answer is ##[add-mask]y", Remedy: "::add-mask::y\x1b[2J"}
			return report.DoctorJSON(b, report.Doctor{Results: []doctor.Result{{Finding: finding}}})
		},
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		out := b.String()
		if strings.Contains(out, "##[") || strings.Contains(out, "\x1b") || regexp.MustCompile(`(?m)^\s*::`).MatchString(out) || !strings.Contains(out, "add-mask") {
			t.Errorf("%s: %q", name, out)
		}
	}
}
