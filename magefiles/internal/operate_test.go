package internal_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestOperateScript runs the steps of the workflow with a mage that writes down what it is called with.
func TestOperateScript(t *testing.T) {
	bin := t.TempDir()
	called := filepath.Join(bin, "called")
	stub := "#!/bin/sh\nfor word; do printf '[%s]' \"$word\"; done >>'" + called + "'\necho >>'" + called + "'\n"
	if err := os.WriteFile(filepath.Join(bin, "mage"), []byte(stub), 0o755); err != nil {
		t.Fatal(err)
	}
	const token = "DEPLOY_READ_TOKEN=read"
	for name, test := range map[string]struct {
		step  string
		env   []string
		calls string // a line for each
		says  string // what it is refused with
	}{
		"status":           {"preview", []string{"ACTION=status", token}, "[status][-html=.astrago/status.html]", ""},
		"status of one":    {"preview", []string{"ACTION=status", "ENVIRONMENT=prod", token}, "[status][-env=prod][-html=.astrago/status.html]", ""},
		"status, no token": {"preview", []string{"ACTION=status"}, "", "status needs the secret DEPLOY_READ_TOKEN"},
		"rollback shown": {
			"preview",
			[]string{"ACTION=rollback", "ENVIRONMENT=prod", "TO=v1; rm -rf /", "REASON=$(id) `id`", token},
			"[rollback][-dryRun][-env=prod][-to=v1; rm -rf /][-reason=$(id) `id`]", "",
		},
		"rollback shown, no token": {"preview", []string{"ACTION=rollback", "ENVIRONMENT=prod"}, "", ""},
		"hold shown":               {"preview", []string{"ACTION=hold", "ENVIRONMENT=prod", "REASON=x", token}, "[hold][-dryRun][-env=prod][-reason=x]", ""},
		"lift shown":               {"preview", []string{"ACTION=lift", "ENVIRONMENT=prod", "ONLY=core", token}, "[hold][-env=prod][-only=core]\n[hold][-lift][-dryRun][-env=prod][-only=core]", ""},
		"wait shown":               {"preview", []string{"ACTION=wait", "ENVIRONMENT=prod", "ONLY=core", token}, "[status][-env=prod]", ""},
		"rollback":                 {"apply", []string{"ACTION=rollback", "ENVIRONMENT=prod", "REASON=x", "APPROVED=0a"}, "[rollback][-approved=0a][-env=prod][-reason=x]", ""},
		"promote":                  {"apply", []string{"ACTION=promote", "ENVIRONMENT=prod", "ONLY=core, batch"}, "[promote][-env=prod][-only=core, batch]", ""},
		"hold":                     {"apply", []string{"ACTION=hold", "ENVIRONMENT=prod", "REASON=x", "APPROVED=0a"}, "[hold][-env=prod][-reason=x]", ""},
		"lift":                     {"apply", []string{"ACTION=lift", "ENVIRONMENT=prod", "APPROVED=0a"}, "[hold][-lift][-approved=0a][-env=prod]", ""},
		"what was shown is lost":   {"apply", []string{"ACTION=rollback", "ENVIRONMENT=prod", "SHOWN=0", "APPROVED="}, "", "what the preview has shown is not known"},
		"a lift that is lost":      {"apply", []string{"ACTION=lift", "ENVIRONMENT=prod", "SHOWN=0"}, "", "what the preview has shown is not known"},
		"no answer was shown":      {"apply", []string{"ACTION=promote", "ENVIRONMENT=prod", "SHOWN=1"}, "[promote][-env=prod]", ""},
		"what was shown":           {"apply", []string{"ACTION=promote", "ENVIRONMENT=prod", "SHOWN=0", "APPROVED=none"}, "[promote][-approved=none][-env=prod]", ""},
		"hold, shown":              {"apply", []string{"ACTION=hold", "ENVIRONMENT=prod", "REASON=x", "SHOWN=0"}, "[hold][-env=prod][-reason=x]", ""},
		"lift, nothing shown":      {"apply", []string{"ACTION=lift", "ENVIRONMENT=prod"}, "[hold][-lift][-env=prod]", ""},
		"wait":                     {"apply", []string{"ACTION=wait", "ENVIRONMENT=prod"}, "[wait][-env=prod]", ""},
		"no such action":           {"apply", []string{"ACTION=release\n::add-mask::x", "ENVIRONMENT=prod"}, "", "action is status, promote"},
		"no environment":           {"apply", []string{"ACTION=promote"}, "", "promote needs an environment"},
		"no reason":                {"apply", []string{"ACTION=hold", "ENVIRONMENT=prod"}, "", "hold needs a reason"},
		"a reason to lift":         {"apply", []string{"ACTION=lift", "ENVIRONMENT=prod", "REASON=x"}, "", "is for promote, rollback and hold"},
		"a target to promote":      {"apply", []string{"ACTION=promote", "ENVIRONMENT=prod", "TO=x"}, "", "is for rollback only"},
		"status of a component":    {"preview", []string{"ACTION=status", "ONLY=core", token}, "", "status shows every component"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(called, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			summary := filepath.Join(t.TempDir(), "summary")
			cmd := exec.CommandContext(t.Context(), filepath.Join("..", "..", "scripts", "operate"), test.step)
			cmd.Env = append([]string{
				"PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH"), "GITHUB_STEP_SUMMARY=" + summary, "ENVIRONMENT=", "ONLY=", "TO=", "REASON=",
			}, test.env...)
			out, err := cmd.CombinedOutput()
			calls, readErr := os.ReadFile(called)
			if readErr != nil {
				t.Fatal(readErr)
			}
			if (err != nil) != (test.says != "") || !strings.Contains(string(out), test.says) || strings.TrimSpace(string(calls)) != test.calls {
				t.Errorf("it calls mage with\n%sand says %q, %v", calls, out, err)
			}
			if strings.Contains(string(out), "add-mask") {
				t.Errorf("what was entered commands the runner: %q", out)
			}
			shown, _ := os.ReadFile(summary)
			if silent := test.calls == "" && test.says == ""; silent != strings.Contains(string(shown), "No preview: the secret `DEPLOY_READ_TOKEN` is not set") {
				t.Errorf("the summary says %q", shown)
			}
		})
	}
}

// TestLiftOfWhatNothingReads: a file of holds that cannot be shown can be lifted, from GitHub's pages, too; what else fails ends the preview.
func TestLiftOfWhatNothingReads(t *testing.T) {
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "mage"), []byte("#!/bin/sh\ncase \"$*\" in *-lift*) echo shown ;; *) exit \"$CODE\" ;; esac\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for code, shown := range map[string]bool{"0": true, "3": true, "1": false, "2": false} {
		cmd := exec.CommandContext(t.Context(), filepath.Join("..", "..", "scripts", "operate"), "preview")
		cmd.Env = []string{
			"PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH"), "ACTION=lift", "ENVIRONMENT=prod", "ONLY=", "TO=", "REASON=", "DEPLOY_READ_TOKEN=read", "CODE=" + code,
		}
		out, err := cmd.Output()
		if (string(out) == "shown\n") != shown || (err == nil) != shown {
			t.Errorf("where showing the holds ends with %s it says %q, %v", code, out, err)
		}
	}
}
