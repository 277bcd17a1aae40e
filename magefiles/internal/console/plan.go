package console

import (
	"fmt"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// Plan shows what a release would do: the images with their Dockerfiles, what would become of each, and what would be set
// where. The actions are in the order of the images, or nil.
func (c *Console) Plan(p plan.Plan, actions []plan.Action) {
	c.Header(p)
	c.printLines(planView{c.layout}.planLines(p, actions)...)
}

// planView is what is shown of a plan below its header.
type planView struct{ layout }

func (v planView) planLines(p plan.Plan, actions []plan.Action) []string {
	var lines []string
	for _, command := range p.Prepare.Run {
		lines = append(lines, indent("prepare  ", "         ", escape.Lines(command))...)
	}
	if len(p.Prepare.Run) > 0 {
		lines = append(lines, "")
	}
	lines = append(lines, planTable(p.Images).tableLines(v.style, v.width)...)
	if len(actions) > 0 {
		lines = append(append(lines, ""), actionTable(actions).tableLines(v.style, v.width)...)
	}
	lines = append(lines, v.changedInputs(actions)...)
	for _, d := range p.Deployments {
		lines = append(append(lines, ""), v.deploymentLines(d)...)
	}
	if names := p.Applications(); len(names) > 0 {
		lines = append(lines, "", "deployed by ArgoCD application "+v.style.bold(escape.Line(strings.Join(names, ", "))))
	}
	return lines
}

// changedInputs lists what has changed of each image, where that was asked for.
func (v planView) changedInputs(actions []plan.Action) []string {
	var lines []string
	for _, a := range actions {
		if len(a.Changes) == 0 {
			continue
		}
		title := v.style.bold(escape.Line(a.Component))
		if a.Since != "" {
			title += fmt.Sprintf(" since commit %.8s", escape.Line(a.Since))
		}
		lines = append(lines, "", title)
		for _, change := range a.Changes {
			lines = append(lines, indent("  ", "    ", escape.Lines(change))...)
		}
	}
	return lines
}

func planTable(images []plan.Image) table {
	t := table{head: []string{"component", "image", "dockerfile", "context", "target", "platforms"}}
	for _, i := range images {
		t.rows = append(t.rows, []string{
			escape.Line(i.Component), escape.Line(i.Ref().String()), escape.Line(i.Dockerfile), escape.Line(i.Context),
			escape.Line(i.Target), escape.Line(strings.Join(i.Platforms, ", ")),
		})
	}
	return t.withoutEmptyColumns()
}

func actionTable(actions []plan.Action) table {
	t := table{head: []string{"component", "action", "why"}}
	for _, a := range actions {
		t.rows = append(t.rows, []string{escape.Line(a.Component), escape.Line(string(a.Do)), escape.Line(a.Why)})
	}
	return t
}

func (v planView) deploymentLines(d plan.Deployment) []string {
	lines := []string{v.style.bold(escape.Line(d.Repository)) + ", branch " + escape.Line(d.Branch)}
	if d.PullRequest != nil {
		lines[0] += ", by a pull request"
	}
	if d.KeepsUnchanged() {
		lines[0] += ", which keeps the tags of unchanged images"
	}
	if d.Subject != "" {
		lines = append(lines, "  commit message: "+escape.Line(d.Subject))
	}
	for _, f := range d.Files {
		lines = append(lines, "  "+escape.Line(f.Path))
		for _, edit := range f.Edits {
			for _, expression := range edit.Expressions {
				lines = append(lines, indent("    ", "      ", escape.Lines(expression))...)
			}
		}
	}
	return lines
}
