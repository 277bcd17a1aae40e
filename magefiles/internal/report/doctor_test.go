package report_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/sample"
)

func TestDoctorJSON(t *testing.T) {
	var b bytes.Buffer
	if err := report.DoctorJSON(&b, sample.Doctor()); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Schema, Version, Service, Environment string
		Healthy                               bool
		Counts                                map[string]int
		Checks                                []map[string]any
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Schema != "astrago-ci/doctor/v1" || got.Healthy || got.Counts["fail"] != 1 || got.Counts["ok"] != 1 || len(got.Checks) != 4 {
		t.Errorf("%+v", got)
	}
	failed := got.Checks[2]
	if failed["group"] != "registry" || failed["name"] != "push" || failed["subject"] != "ghcr.io/acme/backend" || failed["status"] != "fail" || failed["seconds"] != 1.0 {
		t.Errorf("%+v", failed)
	}
	well := sample.Doctor()
	well.Results = well.Results[:2]
	if !well.Healthy() {
		t.Error("a warning is no failure")
	}
}
