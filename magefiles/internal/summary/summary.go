// Package summary writes a run, and a plan, as Markdown for the job summary of a GitHub workflow.
package summary

import (
	"io"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// Write writes the run as markdown for the file of $GITHUB_STEP_SUMMARY: at most Limit bytes, the most important
// parts first.
func Write(w io.Writer, r report.Report) error {
	m := &markdown{left: Limit}
	title := []string{"## " + r.Outcome.Mark() + " " + escape.Markdown(r.Headline())}
	if r.Commit.SHA != "" {
		title = append(title, "", commitLine(r.Commit))
	}
	title = append(title, decisionLines(r)...)
	for _, h := range r.Holds {
		title = append(title, "", "- "+escape.Markdown(h.Text()))
	}
	m.block("", title, "")
	m.writeErrors(r.Error)
	if r.Operate != "" {
		m.block("", []string{escape.MarkdownLink("Promote, roll back, hold or lift", r.Operate)}, "")
	}
	m.imageTable(r.Images)
	m.warningTable(r.Warnings)
	for _, d := range r.Deployment {
		m.writeDeployment(d)
	}
	if !r.Notes.IsEmpty() {
		m.writeNotes(*r.Notes, "### ")
	}
	m.syncTable(r.Syncs())
	m.writeGantt(r)
	m.stageTable(r)
	return m.writeTo(w)
}

func commitLine(c report.Commit) string {
	line := escape.MarkdownLink(escape.MarkdownCode(c.SHA.Short()), c.URL) + " " + escape.Markdown(c.Title)
	if details := c.Details(); details != "" {
		line += "<br>" + escape.Markdown(details)
	}
	return strings.TrimSpace(line)
}

func (m *markdown) writeErrors(e *report.Error) {
	if e == nil {
		return
	}
	for _, each := range append([]report.Error{*e}, e.More...) {
		message := escape.Lines(each.Message)
		for i := range message {
			message[i] = "> " + escape.Markdown(message[i]) + "<br>"
		}
		if place := each.Place.String(); place != "" {
			message = append(message, "> at "+escape.MarkdownCode(place))
		}
		m.block("> **Error**<br>\n", message, "")
		if each.Place != nil && each.Place.Snippet != "" {
			m.fence("", each.Place.SnippetLines())
		}
		remedy := escape.Lines(each.Remedy)
		for i := range remedy {
			remedy[i] = "- " + escape.Markdown(remedy[i])
		}
		m.block("What to do:\n\n", remedy, "")
	}
}

// decisionLines show the source of existing images, the reason and the person in a job summary.
func decisionLines(r report.Report) []string {
	if !r.DeploysExisting() {
		return nil
	}
	var lines []string
	add := func(label, value string) {
		if value != "" {
			lines = append(lines, "", "- "+label+": "+escape.Markdown(value))
		}
	}
	if r.From != nil {
		label := "From " + escape.Markdown(r.From.Environment)
		if r.Command == report.CommandRollback {
			label = "Restored"
		}
		add(label, r.From.Place())
	}
	add("Reason", r.Reason)
	add("By", r.By)
	return lines
}
