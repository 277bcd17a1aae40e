package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/doctor"
	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
)

// DoctorSchema names the JSON form of a Doctor.
const DoctorSchema = "astrago-ci/doctor/v1"

// Doctor is what the checks of a checkout and its surroundings came to.
type Doctor struct {
	Version     string // of astrago-ci
	Service     string // empty where there is no configuration
	Environment string // empty where there is none
	Results     []doctor.Result
}

// Healthy tells that no check failed.
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

// statuses are in the order of a summary.
var statuses = []doctor.Status{doctor.Fail, doctor.Warn, doctor.OK, doctor.Skipped}

// DoctorJSON writes a Doctor as JSON.
func DoctorJSON(w io.Writer, d Doctor) error {
	document := doctorDocument{
		Schema: DoctorSchema, Version: d.Version, Service: d.Service, Environment: d.Environment, Healthy: d.Healthy(),
		Counts: map[doctor.Status]int{}, Checks: make([]doctorCheck, len(d.Results)),
	}
	for _, status := range statuses {
		document.Counts[status] = doctor.Count(d.Results, status)
	}
	for i, r := range d.Results {
		document.Checks[i] = doctorCheck{r.Group, r.Name, r.Subject, r.Status, r.Text, r.Remedy, r.Took.Seconds()}
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(document)
}

// Doctor shows a line for each check, below its group and subject, and what to do about those that are not well.
func (c *Console) Doctor(d Doctor) {
	names := 0
	for _, r := range d.Results {
		names = max(names, columns(r.Name))
	}
	lines := []string{c.doctorTitle(d)}
	heading := ""
	for _, r := range d.Results {
		if now := strings.TrimSpace(r.Group + " " + escape.Line(r.Subject)); now != heading {
			heading = now
			lines = append(lines, "", c.style.bold(r.Group)+strings.TrimPrefix(now, r.Group))
		}
		lines = append(lines, c.doctorLines(r, names)...)
	}
	c.print(append(lines, "", c.doctorSum(d))...)
}

func (c *Console) doctorTitle(d Doctor) string {
	title := "astrago-ci " + escape.Line(d.Version)
	if d.Service != "" {
		title += ", " + c.style.bold(escape.Line(d.Service))
	}
	if d.Environment != "" {
		title += " in " + c.style.bold(escape.Line(d.Environment))
	}
	return title
}

// doctorLines breaks lines, so that the columns stay; a command to copy is left whole.
func (c *Console) doctorLines(r doctor.Result, names int) []string {
	text := strings.Join(escape.Lines(r.Text), " ")
	margin := 2 + 4 + 2 + names + 2
	first := "  " + c.doctorMark(r.Status) + "  " + pad(r.Name, names) + "  "
	lines := indent(first, strings.Repeat(" ", margin), wrapWords(text, c.o.Width-margin))
	lines[0] = strings.TrimRight(lines[0], " ")
	for _, remedy := range escape.Lines(r.Remedy) {
		lines = append(lines, indent(strings.Repeat(" ", margin)+c.style.cyan("→ "), strings.Repeat(" ", margin+2), wrapWords(remedy, c.o.Width-margin-2))...)
	}
	return lines
}

func (c *Console) doctorMark(s doctor.Status) string {
	switch s {
	case doctor.OK:
		return c.style.green("ok  ")
	case doctor.Warn:
		return c.style.yellow("warn")
	case doctor.Skipped:
		return c.style.dim("skip")
	}
	return c.style.red("fail")
}

func (c *Console) doctorSum(d Doctor) string {
	counts := make([]string, 0, len(statuses))
	for _, status := range statuses {
		if n := doctor.Count(d.Results, status); n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, status))
		}
	}
	mark := c.style.mark(Done)
	if !d.Healthy() {
		mark = c.style.mark(Failed)
	}
	return mark + " " + strings.Join(counts, ", ")
}

// wrapWords breaks text between words. A word that is wider than a line has one of its own.
func wrapWords(text string, width int) []string {
	lines := []string{""}
	for word := range strings.FieldsSeq(text) {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case columns(*last)+1+columns(word) > width:
			lines = append(lines, word)
		default:
			*last += " " + word
		}
	}
	return lines
}
