package console

import (
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/doctor"
	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/terminal"
)

// Doctor shows a line for each check, below its group and subject, and what to do about those that are not well.
func (c *Console) Doctor(d report.Doctor) { c.printLines(newDoctorView(c.layout, d).doctorLines(d)...) }

// doctorView is the table of a doctor's checks.
type doctorView struct {
	layout
	nameWidth int // columns of the widest check's name
}

func newDoctorView(l layout, d report.Doctor) doctorView {
	v := doctorView{layout: l}
	for _, r := range d.Results {
		v.nameWidth = max(v.nameWidth, terminal.Columns(r.Name))
	}
	return v
}

func (v doctorView) doctorLines(d report.Doctor) []string {
	lines := []string{v.titleLine(d)}
	last := ""
	for _, r := range d.Results {
		if heading := strings.TrimSpace(r.Group + " " + escape.Line(r.Subject)); heading != last {
			last = heading
			lines = append(lines, "", v.style.bold(r.Group)+strings.TrimPrefix(heading, r.Group))
		}
		lines = append(lines, v.resultLines(r)...)
	}
	return append(lines, "", v.totalsLine(d))
}

func (v doctorView) titleLine(d report.Doctor) string {
	title := "astrago-ci " + escape.Line(d.Version)
	if d.Service != "" {
		title += ", " + v.style.bold(escape.Line(d.Service))
	}
	if d.Environment != "" {
		title += " in " + v.style.bold(escape.Line(d.Environment))
	}
	return title
}

// resultLines breaks lines, so that the columns stay; a command to copy is left whole.
func (v doctorView) resultLines(r doctor.Result) []string {
	text := strings.Join(escape.Lines(r.Text), " ")
	margin := 2 + 4 + 2 + v.nameWidth + 2
	first := "  " + v.statusMark(r.Status) + "  " + terminal.Pad(r.Name, v.nameWidth) + "  "
	lines := indent(first, strings.Repeat(" ", margin), wrapWords(text, v.width-margin))
	lines[0] = strings.TrimRight(lines[0], " ")
	for _, remedy := range escape.Lines(r.Remedy) {
		first, rest := strings.Repeat(" ", margin)+v.style.cyan("→ "), strings.Repeat(" ", margin+2)
		lines = append(lines, indent(first, rest, wrapWords(remedy, v.width-margin-2))...)
	}
	return lines
}

func (v doctorView) statusMark(s doctor.Status) string {
	switch s {
	case doctor.OK:
		return v.style.green("ok  ")
	case doctor.Warn:
		return v.style.yellow("warn")
	case doctor.Skipped:
		return v.style.dim("skip")
	}
	return v.style.red("fail")
}

func (v doctorView) totalsLine(d report.Doctor) string {
	outcome := report.Done
	if !d.Healthy() {
		outcome = report.Failed
	}
	return v.style.mark(outcome) + " " + d.Totals()
}
