package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/doctor"
)

// doctorSchema names the JSON form of a Doctor.
const doctorSchema = "astrago-ci/doctor/v1"

// Doctor holds the results of the checks of a checkout and its environment.
type Doctor struct {
	Version     string // of astrago-ci
	Service     string // empty where there is no configuration
	Environment string // empty where there is none
	Results     []doctor.Result
}

// Healthy reports whether no check failed.
func (d Doctor) Healthy() bool { return doctor.Count(d.Results, doctor.Fail) == 0 }

type doctorDocument struct {
	Schema      string                `json:"schema"`
	Version     string                `json:"version"`
	Service     string                `json:"service,omitempty"`
	Environment string                `json:"environment,omitempty"`
	Healthy     bool                  `json:"healthy"` // no check failed
	Counts      map[doctor.Status]int `json:"counts"`  // by status: ok, warn, fail, skipped
	Checks      []doctorCheck         `json:"checks"`
}

type doctorCheck struct {
	Group   string        `json:"group"`
	Name    string        `json:"name"`
	Subject string        `json:"subject,omitempty"`
	Status  doctor.Status `json:"status"`
	Text    string        `json:"text"`
	Remedy  string        `json:"remedy,omitempty"`
	Seconds float64       `json:"seconds"`
}

// orderedStatuses are in the order of a summary.
var orderedStatuses = []doctor.Status{doctor.Fail, doctor.Warn, doctor.OK, doctor.Skipped}

// DoctorJSON writes a Doctor as JSON.
func DoctorJSON(w io.Writer, d Doctor) error {
	document := doctorDocument{
		Schema: doctorSchema, Version: d.Version, Service: d.Service, Environment: d.Environment, Healthy: d.Healthy(),
		Counts: map[doctor.Status]int{}, Checks: make([]doctorCheck, len(d.Results)),
	}
	for _, status := range orderedStatuses {
		document.Counts[status] = doctor.Count(d.Results, status)
	}
	for i, r := range d.Results {
		document.Checks[i] = doctorCheck{r.Group, r.Name, r.Subject, r.Status, r.Text, r.Remedy, r.Took.Seconds()}
	}
	return WriteDocument(w, document)
}

// Totals counts the checks by status.
func (d Doctor) Totals() string {
	counts := make([]string, 0, len(orderedStatuses))
	for _, status := range orderedStatuses {
		if n := doctor.Count(d.Results, status); n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, status))
		}
	}
	return strings.Join(counts, ", ")
}
