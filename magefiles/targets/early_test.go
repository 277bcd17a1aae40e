package targets_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestEarlyFailureIsReported: a run that knows neither environment nor images tells a workflow why, all the same.
func TestEarlyFailureIsReported(t *testing.T) {
	t.Parallel()
	w := &world{t: t, environ: plainEnviron(t)}
	a := &application{world: w, name: "backend", dir: t.TempDir()}
	a.write("astrago.yaml", "version: 1\nservise: x\n")
	for _, command := range []string{"release", "promote", "plan", "status"} {
		summary := filepath.Join(t.TempDir(), "summary")
		a.env = []string{"GITHUB_STEP_SUMMARY=" + summary}
		r := a.run(command, "-json")
		var report struct {
			Schema, Command, Outcome string
			Images                   []string
			Error                    struct {
				Message, Remedy string
				Exit            int
				More            []struct{ Message string }
			}
		}
		a.must(json.Unmarshal([]byte(r.stdout), &report))
		if r.code != 2 || report.Schema != "astrago-ci/report/v1" || report.Command != command || report.Outcome != "failed" || report.Images == nil ||
			report.Error.Exit != 2 || report.Error.Message != `missing key "components"` || report.Error.Remedy == "" || len(report.Error.More) != 2 {
			t.Errorf("mage %s ends with %d and reports\n%s", command, r.code, r.stdout)
		}
		data, err := os.ReadFile(summary)
		a.must(err)
		for _, word := range []string{"## ✗ " + command + " failed\n", "**Error**", "unknown key \"servise\"", "What to do:", "astrago.yaml:2:1`"} {
			if !strings.Contains(string(data), word) {
				t.Errorf("the summary of %s lacks %q:\n%s", command, word, data)
			}
		}
	}
}
