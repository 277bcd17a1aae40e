package report_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/sample"
)

func TestWhatIsLiveIsReported(t *testing.T) {
	r := sample.Waited()
	var document, lines bytes.Buffer
	if err := report.WriteJSON(&document, r); err != nil {
		t.Fatal(err)
	}
	sample.Golden(t, "json/waited.json", document.String())
	if r.Live.Seconds != 10.6123 {
		t.Error("the caller's report was changed")
	}
	if err := report.Lines(&lines, r); err != nil || commitid.ID(strings.TrimSpace(lines.String())) != sample.Deployed {
		t.Errorf("the result is %q, error %v", lines.String(), err)
	}
}
