package summary_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/summary"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/sample"
)

func TestPlanSummary(t *testing.T) {
	var b strings.Builder
	if err := summary.WritePlan(&b, sample.Plan(), sample.Actions()); err != nil {
		t.Fatal(err)
	}
	sample.Golden(t, "plan.md", b.String())
	if err := summary.WritePlan(sample.BrokenWriter{}, sample.Plan(), nil); err == nil {
		t.Error("a file that cannot be written is no error")
	}
}
