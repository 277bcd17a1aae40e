package summary_test

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/summary"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/sample"
)

// What others wrote, in whatever field it arrives, leaves no table and no code block.
func TestHostileText(t *testing.T) {
	var r report.Report
	sample.Fill(reflect.ValueOf(&r).Elem())
	r.Outcome = report.Failed
	var b bytes.Buffer
	if err := summary.Write(&b, r); err != nil {
		t.Fatal(err)
	}
	sample.WantHarmless(t, "summary", b.String())
	sample.WantFences(t, b.String())
}
