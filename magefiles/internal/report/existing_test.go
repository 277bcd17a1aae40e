package report_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/sample"
)

// TestARollbackHasOneResult prints its commit, not what it holds.
func TestARollbackHasOneResult(t *testing.T) {
	r := sample.Existing(report.CommandRollback)
	r.Holds = sample.Holds()
	var b bytes.Buffer
	if err := report.Lines(&b, r); err != nil || b.String() != string(sample.Deployed)+"\n" {
		t.Errorf("lines %q, %v", b.String(), err)
	}
}

// Each hold is one line, whatever its reason holds.
func TestLinesOfHolds(t *testing.T) {
	r := sample.Existing(report.CommandHold)
	r.Deployment, r.Holds = nil, sample.Holds()
	var b bytes.Buffer
	if err := report.Lines(&b, r); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], "by kim, rejected core-stage-1, until a newer build: login") || !strings.Contains(lines[1], "until it is lifted") {
		t.Errorf("lines %q", lines)
	}
}

func TestPlaceOfAStateWithoutACommit(t *testing.T) {
	for want, from := range map[string]report.From{
		"acme/deployment":          {Repository: "acme/deployment"},
		"acme/deployment@01234567": {Repository: "acme/deployment", Commit: "0123456789abcdef0123456789abcdef01234567"},
	} {
		if got := from.Place(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
