package report_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/status"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/sample"
)

func TestStatusJSON(t *testing.T) {
	var b bytes.Buffer
	if err := report.StatusJSON(&b, sample.Status()); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "null") {
		t.Errorf("something is null:\n%s", b.String())
	}
	var s status.Status
	if err := json.Unmarshal(b.Bytes(), &s); err != nil || s.Schema != "astrago-ci/status/v1" || s.State != status.Drifted {
		t.Errorf("%+v, %v", s, err)
	}
}
