package report_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

func TestPlanSummary(t *testing.T) {
	var b strings.Builder
	if err := report.PlanSummary(&b, samplePlan(), sampleActions()); err != nil {
		t.Fatal(err)
	}
	golden(t, "summary/plan.md", b.String())
	if err := report.PlanSummary(broken{}, samplePlan(), nil); err == nil {
		t.Error("a file that cannot be written is no error")
	}
}
