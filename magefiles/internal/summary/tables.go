package summary

import (
	"fmt"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

func (m *markdown) imageTable(images []report.Image) {
	rows := make([][]string, len(images))
	for n, i := range images {
		rows[n] = []string{
			escape.Markdown(string(i.Component)), escape.MarkdownCode(i.Tag()), escape.MarkdownCode(imageref.ShortDigest(i.Digest)),
			i.SizeText(), cachedCell(i),
			escape.Markdown(i.StateText()), report.Seconds(i.Seconds),
		}
	}
	m.table([]string{"Component", "Tag", "Digest", "Size", "Cached", "State", "Time"},
		[]bool{false, false, false, true, true, false, true}, rows)
}

// cachedCell is stepsCell with the share in front.
func cachedCell(i report.Image) string {
	if i.Steps == 0 {
		return ""
	}
	return fmt.Sprintf("%d %% (%s)", i.CachedSteps*100/i.Steps, i.StepsText())
}

func (m *markdown) writeDeployment(d report.Deployment) {
	title := "**" + escape.Markdown(d.Repository) + "**, branch " + escape.MarkdownCode(d.Branch)
	if d.Commit != "" {
		title += ", commit " + escape.MarkdownLink(escape.MarkdownCode(d.Commit.Short()), d.URL)
	}
	if p := d.PullRequest; p != nil {
		title += ", " + escape.Markdown(p.Title()) + " " + escape.MarkdownLink(escape.Markdown(p.URL), p.URL)
	}
	m.block("", []string{title}, "")
	for _, kept := range d.Kept {
		m.block("", []string{"- " + escape.Markdown(kept.Text())}, "")
	}
	if d.Subject != "" {
		m.block("", []string{"- commit message: " + escape.Markdown(d.Subject)}, "")
	}
	var diff []string
	for _, c := range d.Changes {
		diff = append(diff, escape.Line(fmt.Sprintf("@@ %s:%d %s @@", c.File, c.Line, c.Path)))
		diff = append(diff, prefixLines("-", escape.Lines(c.Old))...)
		diff = append(diff, prefixLines("+", escape.Lines(c.New))...)
		for _, place := range c.Shared {
			diff = append(diff, "  and "+escape.Line(place))
		}
	}
	m.fence("diff", diff)
}

func (m *markdown) stageTable(r report.Report) {
	rows := make([][]string, len(r.Stages))
	for i, s := range r.Stages {
		took := report.Seconds(s.Seconds)
		if s.Outcome == report.Skipped {
			took = ""
		}
		rows[i] = []string{escape.Markdown(s.Name), escape.Markdown(string(s.Outcome)), took, escape.Markdown(s.Note)}
	}
	open := fmt.Sprintf("<details><summary>Stages, %s in all</summary>\n\n", report.Seconds(r.Seconds))
	var inner markdown
	inner.left = m.left - len(open) - 100
	inner.table([]string{"Stage", "Outcome", "Time", "Note"}, []bool{false, false, true}, rows)
	if body := strings.TrimRight(inner.b.String(), "\n"); body != "" {
		m.block(open, []string{body}, "\n</details>\n")
	}
}

// warningTable is a row for each warning; the rule leads to its explanation.
func (m *markdown) warningTable(warnings []report.Warning) {
	rows := make([][]string, len(warnings))
	for i, w := range warnings {
		message, rule := escape.Markdown(w.Message), escape.MarkdownLink(escape.Markdown(w.Rule), w.Remedy)
		if rule == "" && w.Remedy != "" {
			for _, line := range escape.Lines(w.Remedy) {
				message += "<br>" + escape.Markdown(line)
			}
		}
		rows[i] = []string{rule, escape.MarkdownCode(w.Place.String()), message, escape.Markdown(component.Join(w.Components, ", "))}
	}
	m.table([]string{"Check", "Place", "Warning", "Components"}, nil, rows)
}

func (m *markdown) syncTable(live []report.Sync) {
	rows := make([][]string, len(live))
	for i, s := range live {
		rows[i] = []string{
			escape.MarkdownLink(escape.Markdown(s.Application), s.URL), escape.Markdown(s.Sync), escape.Markdown(s.Health),
			escape.MarkdownCode(commitid.ShortRevision(s.Revision)), escape.Markdown(s.Superseded), report.Seconds(s.Seconds),
		}
	}
	if len(rows) > 0 {
		head := []string{"Argo CD application", "Sync", "Health", "Revision", "Superseded by", "Waited"}
		m.table(head, []bool{false, false, false, false, false, true}, rows)
	}
}

func prefixLines(prefix string, lines []string) []string {
	prefixed := make([]string, len(lines))
	for i, line := range lines {
		prefixed[i] = prefix + line
	}
	return prefixed
}
