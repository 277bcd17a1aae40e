package sample

import (
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/doctor"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// Doctor has a result of each kind.
func Doctor() report.Doctor {
	result := func(group, name, subject string, status doctor.Status, text, remedy string) doctor.Result {
		finding := doctor.Finding{Status: status, Text: text, Remedy: remedy}
		return doctor.Result{Group: group, Name: name, Subject: subject, Finding: finding, Took: time.Second}
	}
	return report.Doctor{Version: "0.1.0", Service: "backend", Environment: "stage", Results: []doctor.Result{
		result("machine", "go", "", doctor.OK, "go1.26.0", ""),
		result("machine", "clock", "", doctor.Warn, "1m30s behind ghcr.io", "set the clock: timedatectl set-ntp true"),
		result("registry", "push", "ghcr.io/acme/backend", doctor.Fail,
			"ghcr.io answered 403, access denied, with the credentials from GHCR_TOKEN\n\x1b[31m안녕",
			"in a workflow: `permissions: { packages: write }` on the job\nor ask"),
		result("registry", "push", "ghcr.io/acme/batch", doctor.Skipped, "", ""),
	}}
}
