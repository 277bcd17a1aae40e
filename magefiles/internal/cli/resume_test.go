package cli

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
	arguments := Arguments(nil).Text("from", "dev").Number("steps", 2).Number("parallel", 20).Number("none", 0).
		Texts("only", []string{"core", "batch"}, ",").Texts("nothing", nil, ",").Text("changedSince", "v1 $(id)").Text("empty", "").
		Text("reason", "it's `late` & \"dark\"; 늦음").Bool("lift", true).Bool("lint", false).
		Duration("timeout", 90*time.Second).Duration("never", 0)
	want := []string{
		"mage", "rollback", "-env=stage", "-from=dev", "-steps=2", "-parallel=20", "-only=core,batch", "-changedSince=v1 $(id)",
		"-reason=it's `late` & \"dark\"; 늦음", "-lift", "-timeout=1m30s",
	}
	line := CommandLine(report.CommandRollback, "stage", arguments)
	out, err := exec.CommandContext(t.Context(), "sh", "-c", `printf '%s\n' `+line).Output()
	if err != nil || !slices.Equal(strings.Split(strings.TrimSpace(string(out)), "\n"), want) {
		t.Errorf("%q, %v, want %q", out, err, want)
	}
	if got := CommandLine(report.CommandPush, "", nil); got != "mage push" {
		t.Errorf("without arguments it is %q", got)
	}
}

// TestHintNamesTheCommand for each kind of remedy, before a commit and after.
func TestHintNamesTheCommand(t *testing.T) {
	const again = "mage rollback -env=stage -to=abc"
	bare := errors.New("committing: 422")
	same := problem.New(problem.Conflict, problem.Again+": it finishes the work", "committing")
	own := problem.New(problem.Failed, "give the token a permission", "committing")
	refused := problem.New(problem.Refused, "lift the hold", "refusing")
	for name, test := range map[string]struct {
		err     error
		always  bool
		refused bool // refusals are resumed
		remedy  string
		exit    int
	}{
		"no remedy":                {bare, false, true, again, problem.Failed},
		"again":                    {same, true, true, again + "\nit finishes the work", problem.Conflict},
		"a remedy before a commit": {own, false, true, "give the token a permission", problem.Failed},
		"a remedy after it":        {own, true, true, "give the token a permission\n" + again, problem.Failed},
		"a refused release":        {refused, true, false, "lift the hold", problem.Refused},
		"a refused rollback":       {refused, true, true, "lift the hold\n" + again, problem.Refused},
		"several":                  {errors.Join(own, bare), true, true, "give the token a permission\n" + again, problem.Failed},
	} {
		got := report.NewError(Resume{Line: again, Always: test.always}.addHint(test.err, test.refused))
		if got.Remedy != test.remedy || got.Exit != test.exit || strings.Contains(got.Message, "→") {
			t.Errorf("%s: %+v, want the remedy %q", name, got, test.remedy)
		}
	}
}
