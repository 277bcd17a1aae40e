package report_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/doctor"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

func diagnosis() report.Doctor {
	result := func(group, name, subject string, status doctor.Status, text, remedy string) doctor.Result {
		return doctor.Result{Group: group, Name: name, Subject: subject, Finding: doctor.Finding{Status: status, Text: text, Remedy: remedy}, Took: time.Second}
	}
	return report.Doctor{Version: "0.1.0", Service: "backend", Environment: "stage", Results: []doctor.Result{
		result("machine", "go", "", doctor.OK, "go1.26.0", ""),
		result("machine", "clock", "", doctor.Warn, "1m30s behind ghcr.io", "set the clock: timedatectl set-ntp true"),
		result("registry", "push", "ghcr.io/acme/backend", doctor.Fail,
			"ghcr.io answered 403, access denied, with the credentials from GHCR_TOKEN\n\x1b[31m안녕", "in a workflow: `permissions: { packages: write }` on the job\nor ask"),
		result("registry", "push", "ghcr.io/acme/batch", doctor.Skipped, "", ""),
	}}
}

func TestDoctorIsReadInNarrowTerminals(t *testing.T) {
	var b bytes.Buffer
	report.NewConsole(&b, report.Options{Width: 50}).Doctor(diagnosis())
	want := `astrago-ci 0.1.0, backend in stage

machine
  ok    go     go1.26.0
  warn  clock  1m30s behind ghcr.io
               → set the clock: timedatectl
                 set-ntp true

registry ghcr.io/acme/backend
  fail  push   ghcr.io answered 403, access
               denied, with the credentials from
               GHCR_TOKEN ␛[31m안녕
               → in a workflow: ` + "`permissions: {" + `
                 packages: write }` + "`" + ` on the job
               → or ask

registry ghcr.io/acme/batch
  skip  push

✗ 1 fail, 1 warn, 1 ok, 1 skipped
`
	if got := b.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestDoctorHasColoursOnATerminalOnly(t *testing.T) {
	for _, color := range []bool{true, false} {
		var b bytes.Buffer
		report.NewConsole(&b, report.Options{Color: color}).Doctor(diagnosis())
		for _, code := range []string{"\x1b[32mok", "\x1b[33mwarn", "\x1b[31mfail", "\x1b[2mskip"} {
			if strings.Contains(b.String(), code) != color {
				t.Errorf("color %t: %q", color, b.String())
			}
		}
	}
}

func TestDoctorJSON(t *testing.T) {
	var b bytes.Buffer
	if err := report.DoctorJSON(&b, diagnosis()); err != nil {
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
	well := diagnosis()
	well.Results = well.Results[:2]
	if !well.Healthy() {
		t.Error("a warning is no failure")
	}
}
