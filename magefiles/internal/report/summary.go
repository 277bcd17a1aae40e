package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
)

// Summary writes the run as markdown for the file of $GITHUB_STEP_SUMMARY: at most SummaryLimit bytes, the most important
// parts first.
func Summary(w io.Writer, r Report) error {
	m := &markdown{left: SummaryLimit}
	title := []string{"## " + style{}.mark(r.Outcome) + " " + escape.Markdown(headline(r))}
	if r.Commit.SHA != "" {
		title = append(title, "", commitLine(r.Commit))
	}
	title = append(title, r.decisionLines()...)
	for _, line := range holdLines(r.Holds) {
		title = append(title, "", "- "+escape.Markdown(line))
	}
	m.block("", title, "")
	m.errors(r.Error)
	m.images(r.Images)
	m.warnings(r.Warnings)
	for _, d := range r.Deployment {
		m.deployment(d)
	}
	m.sync(r.live())
	m.gantt(r)
	m.stages(r)
	if _, err := io.WriteString(w, m.b.String()); err != nil {
		return fmt.Errorf("writing the job summary: %w", err)
	}
	return nil
}

func commitLine(c Commit) string {
	line := escape.MarkdownLink(escape.MarkdownCode(c.ShortSHA()), c.URL) + " " + escape.Markdown(c.Title)
	if details := commitDetails(c); details != "" {
		line += "<br>" + escape.Markdown(details)
	}
	return strings.TrimSpace(line)
}

func (m *markdown) errors(e *Error) {
	if e == nil {
		return
	}
	for _, each := range append([]Error{*e}, e.More...) {
		message := escape.Lines(each.Message)
		for i := range message {
			message[i] = "> " + escape.Markdown(message[i]) + "<br>"
		}
		if place := each.Place.String(); place != "" {
			message = append(message, "> at "+escape.MarkdownCode(place))
		}
		m.block("> **Error**<br>\n", message, "")
		if each.Place != nil && each.Place.Snippet != "" {
			m.fence("", snippetLines(each.Place.Snippet))
		}
		remedy := escape.Lines(each.Remedy)
		for i := range remedy {
			remedy[i] = "- " + escape.Markdown(remedy[i])
		}
		m.block("What to do:\n\n", remedy, "")
	}
}

func (m *markdown) images(images []Image) {
	rows := make([][]string, len(images))
	for n, i := range images {
		rows[n] = []string{
			escape.Markdown(i.Component), escape.MarkdownCode(i.Tag()), escape.MarkdownCode(i.shortDigest()), sizeCell(i), cachedCell(i), escape.Markdown(stateCell(i)), seconds(i.Seconds),
		}
	}
	m.table([]string{"Component", "Tag", "Digest", "Size", "Cached", "State", "Time"},
		[]bool{false, false, false, true, true, false, true}, rows)
}

func (m *markdown) deployment(d Deployment) {
	title := "**" + escape.Markdown(d.Repository) + "**, branch " + escape.MarkdownCode(d.Branch)
	if d.Commit != "" {
		title += ", commit " + escape.MarkdownLink(escape.MarkdownCode(d.Commit[:min(8, len(d.Commit))]), d.URL)
	}
	if p := d.PullRequest; p != nil {
		title += ", " + escape.Markdown(p.title()) + " " + escape.MarkdownLink(escape.Markdown(p.URL), p.URL)
	}
	m.block("", []string{title}, "")
	for _, line := range keptLines(d.Kept) {
		m.block("", []string{"- " + escape.Markdown(line)}, "")
	}
	if d.Subject != "" {
		m.block("", []string{"- commit message: " + escape.Markdown(d.Subject)}, "")
	}
	var diff []string
	for _, c := range d.Changes {
		diff = append(diff, escape.Line(fmt.Sprintf("@@ %s:%d %s @@", c.File, c.Line, c.Path)))
		diff = append(diff, indent("-", "-", escape.Lines(c.Old))...)
		diff = append(diff, indent("+", "+", escape.Lines(c.New))...)
		for _, place := range c.Shared {
			diff = append(diff, "  and "+escape.Line(place))
		}
	}
	m.fence("diff", diff)
}

func (m *markdown) stages(r Report) {
	rows := make([][]string, len(r.Stages))
	for i, s := range r.Stages {
		took := seconds(s.Seconds)
		if s.Outcome == Skipped {
			took = ""
		}
		rows[i] = []string{escape.Markdown(s.Name), escape.Markdown(string(s.Outcome)), took, escape.Markdown(s.Note)}
	}
	open := fmt.Sprintf("<details><summary>Stages, %s in all</summary>\n\n", seconds(r.Seconds))
	var inner markdown
	inner.left = m.left - len(open) - 100
	inner.table([]string{"Stage", "Outcome", "Time", "Note"}, []bool{false, false, true}, rows)
	if body := strings.TrimRight(inner.b.String(), "\n"); body != "" {
		m.block(open, []string{body}, "\n</details>\n")
	}
}
