package report_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/sample"
)

// TestCommandsBeginWhereTheSubmoduleIs in every language: a command that is copied from a message runs.
func TestCommandsBeginWhereTheSubmoduleIs(t *testing.T) {
	held, failed := sample.Existing(report.CommandRollback), sample.Existing(report.CommandPromote)
	held.Holds = []report.Hold{{Component: "core", Until: "lift"}}
	failed.Fail(sample.Refused())
	failed.Error.Remedy, failed.Next = "", "mage promote -env=prod"
	for _, language := range []string{"en", "ko"} {
		for path, want := range map[string]string{"": "./ci/scripts/mage ", "tools/astrago": "./tools/astrago/scripts/mage ", ".": "./scripts/mage "} {
			for _, r := range []report.Report{held, failed} {
				r.Submodule = path
				if text := report.NewMessage(r, report.MessageOptions{Language: language}).Format(func(s string) string { return s }); !strings.Contains(text, want) || path != "" && strings.Contains(text, "ci/scripts") {
					t.Errorf("%s, %q: no %q in %s", language, path, want, text)
				}
			}
		}
	}
}
