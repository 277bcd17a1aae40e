package report_test

import (
	"bufio"
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/sample"
)

// parseOutputs reads the file of $GITHUB_OUTPUT as the runner does (actions/runner, FileCommandManager.cs).
func parseOutputs(t *testing.T, file string) map[string]string {
	t.Helper()
	values := map[string]string{}
	lines := bufio.NewScanner(strings.NewReader(file))
	for lines.Scan() {
		line := lines.Text()
		equals, heredoc := strings.Index(line, "="), strings.Index(line, "<<")
		if equals >= 0 && (heredoc < 0 || equals < heredoc) {
			values[line[:equals]] = line[equals+1:]
			continue
		}
		name, delimiter, ok := strings.Cut(line, "<<")
		if !ok {
			t.Fatalf("malformed line %q", line)
		}
		var value []string
		for lines.Scan() && lines.Text() != delimiter {
			value = append(value, lines.Text())
		}
		if lines.Text() != delimiter {
			t.Fatalf("%s is never ended", name)
		}
		values[name] = strings.Join(value, "\n")
	}
	return values
}

func outputs(t *testing.T, r report.Report) (file string, values map[string]string) {
	t.Helper()
	var b strings.Builder
	if err := report.Outputs(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String(), parseOutputs(t, b.String())
}

func TestOutputs(t *testing.T) {
	_, got := outputs(t, sample.Report(report.CommandRelease))
	want := map[string]string{
		"images": "ghcr.io/xiilab/astrago-backend:core-stage-a1b2c3d4@" + sample.Digest(0) + "\n" +
			"ghcr.io/xiilab/astrago-backend:batch-stage-a1b2c3d4@" + sample.Digest(1) + "\n" +
			"ghcr.io/xiilab/astrago-backend:monitor-stage-a1b2c3d4@" + sample.Digest(2),
		"tags":    "core-stage-a1b2c3d4\nbatch-stage-a1b2c3d4\nmonitor-stage-a1b2c3d4",
		"digests": `{"batch":"` + sample.Digest(1) + `","core":"` + sample.Digest(0) + `","monitor":"` + sample.Digest(2) + `"}`,
		"commit":  string(sample.Deployed),
		"changed": "true", "pull-request": "", "outcome": "done", "exit": "0", "fingerprint": "",
	}
	if !maps.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func TestOutputsOfNothing(t *testing.T) {
	_, got := outputs(t, report.Report{Command: report.CommandBuild, Outcome: report.Failed, Error: &report.Error{Exit: 3}})
	want := map[string]string{
		"images": "", "tags": "", "digests": "{}", "commit": "", "changed": "false", "pull-request": "", "outcome": "failed", "exit": "3",
		"fingerprint": "",
	}
	if !maps.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A value of several lines cannot set outputs of its own, whatever it holds and however often it saw a delimiter.
func TestOutputsCannotBeInjected(t *testing.T) {
	r := sample.Report(report.CommandPush)
	first, _ := outputs(t, r)
	_, rest, _ := strings.Cut(first, "images<<")
	delimiter, _, _ := strings.Cut(rest, "\n")
	evil := "x\n" + delimiter + "\nchanged=yes\ncommit<<" + delimiter + "\n" + delimiter
	r.Images[0].Ref.Tag = evil
	r.Images[0].Component = "a\nchanged=yes"
	_, got := outputs(t, r)
	if got["changed"] != "true" || commitid.ID(got["commit"]) != sample.Deployed || !strings.HasPrefix(got["images"], r.Images[0].Ref.String()) || len(got) != 9 {
		t.Errorf("got %q", got)
	}
	var digests map[string]string
	if err := json.Unmarshal([]byte(got["digests"]), &digests); err != nil || digests["a\nchanged=yes"] != sample.Digest(0) {
		t.Errorf("digests %q: %v", got["digests"], err)
	}
}
