package summary

import (
	"io"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/status"
)

// WriteStatus writes what is deployed where as markdown for the file of $GITHUB_STEP_SUMMARY: at most Limit bytes.
func WriteStatus(w io.Writer, s status.Status) error {
	m := &markdown{left: Limit}
	for _, e := range s.Environments {
		m.block("", []string{"## " + escape.Markdown(s.Service+" in "+e.Name) + ": " + escape.Markdown(string(e.State))}, "")
		var lines []string
		for _, a := range e.Applications() {
			lines = append(lines, "- Argo CD "+escape.MarkdownLink(escape.Markdown(a.Application), a.URL)+": "+escape.Markdown(a.Summary()))
			lines = append(lines, driftLines(a.Application, a.Drift)...)
		}
		m.block("", lines, "")
		for _, d := range e.Deployments {
			m.writeStatusOf(d, s)
		}
	}
	return m.writeTo(w)
}

// writeStatusOf writes a table of a deployment's components, and below it what needs words.
func (m *markdown) writeStatusOf(d status.Deployment, s status.Status) {
	m.block("", []string{"**" + escape.Markdown(d.Repository) + "**, branch " + escape.MarkdownCode(d.Branch)}, "")
	if d.Error != "" {
		m.block("> ", []string{escape.Markdown(d.Error)}, "")
		return
	}
	rows := make([][]string, len(d.Components))
	var notes []string
	for i, c := range d.Components {
		rows[i] = statusRow(c, s)
		for _, text := range []string{c.Error, c.Registry.Reason} {
			if text != "" {
				notes = append(notes, "- "+escape.Markdown(string(c.Name)+": "+text))
			}
		}
		notes = append(notes, driftLines(string(c.Name), c.Drift)...)
	}
	m.table([]string{"Component", "Tag", "Commit", "Built", "Behind", "Deployed", "By", "State"},
		[]bool{false, false, false, true, true, true, false, false}, rows)
	for _, text := range d.HoldTexts(s.Generated) {
		notes = append(notes, "- "+escape.Markdown(text))
	}
	m.block("", notes, "")
}

func statusRow(c status.Component, s status.Status) []string {
	row := []string{escape.Markdown(string(c.Name)), escape.MarkdownCode(c.Tag), "", "", "", "", "", escape.Markdown(c.StateText())}
	if source := c.Source; source != nil {
		row[2] = escape.MarkdownLink(escape.MarkdownCode(source.SHA.Short()), source.URL)
		row[4] = source.BehindText()
		if source.Time != nil {
			row[3] = status.ShortAge(s.Generated.Sub(*source.Time))
		}
	}
	if by := c.Deployed; by != nil {
		row[5] = escape.MarkdownLink(status.ShortAge(s.Generated.Sub(by.Time)), by.URL)
		row[6] = escape.Markdown(by.By)
	}
	return row
}

func driftLines(name string, drift []status.Drift) []string {
	lines := make([]string, len(drift))
	for i, d := range drift {
		lines[i] = "- ✗ " + escape.Markdown(name+": "+d.Text())
	}
	return lines
}
