package summary

import (
	"io"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// WritePlan writes what a release would do as markdown for the file of $GITHUB_STEP_SUMMARY, at most Limit bytes.
// The actions are in the order of the images, or nil.
func WritePlan(w io.Writer, p plan.Plan, actions []plan.Action) error {
	m := &markdown{left: Limit}
	commit := report.NewCommit(p.Commit)
	title := "## What a release of " + escape.Markdown(p.Service) + " to " + escape.Markdown(p.Environment) + " would do"
	m.block("", []string{title, "", commitLine(commit)}, "")
	rows := make([][]string, len(p.Images))
	for i, image := range p.Images {
		rows[i] = []string{escape.Markdown(string(image.Component)), escape.MarkdownCode(image.Ref().String()), "", ""}
		if i < len(actions) {
			rows[i][2], rows[i][3] = escape.Markdown(string(actions[i].Do)), escape.Markdown(actions[i].Why)
		}
	}
	m.table([]string{"Component", "Image", "Action", "Why"}, nil, rows)
	for _, d := range p.Deployments {
		m.plannedDeployment(d)
	}
	if names := p.Applications(); len(names) > 0 {
		m.block("", []string{"Deployed by Argo CD application **" + escape.Markdown(strings.Join(names, ", ")) + "**"}, "")
	}
	return m.writeTo(w)
}

func (m *markdown) plannedDeployment(d plan.Deployment) {
	title := "**" + escape.Markdown(d.Repository) + "**, branch " + escape.MarkdownCode(d.Branch)
	if d.PullRequest != nil {
		title += ", by a pull request"
	}
	if d.KeepsUnchanged() {
		title += ", which keeps the tags of unchanged images"
	}
	m.block("", []string{title}, "")
	if d.Subject != "" {
		m.block("", []string{"- commit message: " + escape.Markdown(d.Subject)}, "")
	}
	var lines []string
	for _, f := range d.Files {
		lines = append(lines, "# "+escape.Line(f.Path))
		for _, edit := range f.Edits {
			lines = append(lines, escape.Lines(strings.Join(edit.Expressions, "\n"))...)
		}
	}
	m.fence("yaml", lines)
}
