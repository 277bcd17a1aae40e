package release

import (
	"errors"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// TestCommandLineIsWhatAShellReads lets one take it apart.
func TestCommandLineIsWhatAShellReads(t *testing.T) {
	o := Options{
		Environment: "stage", Only: []string{"core", "batch"}, Force: true, DryRun: true, Lint: true, Rebuild: true, Parallel: 20, Since: "v1 $(id)",
		NoWait: true, Timeout: 90 * time.Second, From: "dev", To: "core-stage-1", Steps: 2, Reason: "it's `late` & \"dark\"; 늦음", Lift: true,
		JSON: true, Progress: "plain", HTML: "x",
	}
	want := []string{
		"mage", "rollback", "-env=stage", "-from=dev", "-to=core-stage-1", "-steps=2", "-only=core,batch", "-changedSince=v1 $(id)",
		"-reason=it's `late` & \"dark\"; 늦음", "-lift", "-rebuild", "-parallel=20", "-lint", "-force", "-dryRun", "-noWait", "-timeout=1m30s",
	}
	out, err := exec.CommandContext(t.Context(), "sh", "-c", `printf '%s\n' `+commandLine(report.CommandRollback, o)).Output()
	if err != nil || !slices.Equal(strings.Split(strings.TrimSpace(string(out)), "\n"), want) {
		t.Errorf("%q, %v, want %q", out, err, want)
	}
	if got := commandLine(report.CommandPush, Options{}); got != "mage push" {
		t.Errorf("without options it is %q", got)
	}
}

// TestContinuedNamesTheCommand for each kind of remedy, before a commit and after.
func TestContinuedNamesTheCommand(t *testing.T) {
	const again = "mage rollback -env=stage -to=abc"
	bare := errors.New("committing: 422")
	same := problem.New(problem.Conflict, problem.Again+": it finishes the work", "committing")
	own := problem.New(problem.Failed, "give the token a permission", "committing")
	refused := problem.New(problem.Refused, "lift the hold", "refusing")
	for name, test := range map[string]struct {
		err    error
		begun  bool
		by     report.Command
		remedy string
		exit   int
	}{
		"no remedy":                {bare, false, report.CommandRollback, again, problem.Failed},
		"again":                    {same, true, report.CommandRollback, again + "\nit finishes the work", problem.Conflict},
		"a remedy before a commit": {own, false, report.CommandRollback, "give the token a permission", problem.Failed},
		"a remedy after it":        {own, true, report.CommandRollback, "give the token a permission\n" + again, problem.Failed},
		"a refused release":        {refused, true, report.CommandRelease, "lift the hold", problem.Refused},
		"a refused rollback":       {refused, true, report.CommandRollback, "lift the hold\n" + again, problem.Refused},
		"several":                  {errors.Join(own, bare), true, report.CommandRollback, "give the token a permission\n" + again, problem.Failed},
	} {
		s := &session{again: again, begun: test.begun, report: report.Report{Command: test.by}}
		got := report.NewError(s.continued(test.err))
		if got.Remedy != test.remedy || got.Exit != test.exit || strings.Contains(got.Message, "→") {
			t.Errorf("%s: %+v, want the remedy %q", name, got, test.remedy)
		}
	}
}
