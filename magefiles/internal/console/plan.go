package console

import (
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// Plan shows what a release would do: the images with their Dockerfiles, what would become of each, and what would be set
// where. The actions are in the order of the images, or nil.
func (c *Console) Plan(p plan.Plan, actions []plan.Action) {
	c.Header(p)
	c.printLines(planView{c.layout}.planLines(p, actions)...)
}

// planView renders a plan below its header.
type planView struct{ layout }

func (v planView) planLines(p plan.Plan, actions []plan.Action) []string {
	var lines []string
	for _, command := range p.Prepare.Run {
		lines = append(lines, indent("prepare  ", "         ", escape.Lines(command))...)
	}
	if len(p.Prepare.Run) > 0 {
		lines = append(lines, "")
	}
	lines = append(lines, v.imageLines(p.Images, actions)...)
	if builds := buildTable(p.Images); len(builds.rows) > 0 {
		lines = append(append(lines, ""), builds.tableLines(v.style, v.width)...)
	}
	lines = append(lines, v.changedInputs(actions)...)
	for _, d := range p.Deployments {
		lines = append(append(lines, ""), v.deploymentLines(d)...)
	}
	if names := p.Applications(); len(names) > 0 {
		lines = append(lines, "", "deployed by Argo CD application "+v.style.bold(escape.Line(strings.Join(names, ", ")))+signIn(p))
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
		title := v.style.bold(escape.Line(string(a.Component)))
		if a.Since != "" {
			title += " since commit " + escape.Line(a.Since.Short())
		}
		lines = append(lines, "", title)
		for _, change := range a.Changes {
			lines = append(lines, indent("  ", "    ", escape.Lines(change))...)
		}
	}
	return lines
}

// whyColumn is the last one of the table of images.
const whyColumn = 3

// imageLines is a table of the images with what becomes of each and why. A repository that all have in common stands above it, and
// reasons that do not fit beside their images stand below.
func (v planView) imageLines(images []plan.Image, actions []plan.Action) []string {
	t := table{head: []string{"component", "action", "image", "why"}}
	var lines []string
	name := func(image plan.Image) string { return image.Ref().String() }
	if common := commonRepository(images); common != "" {
		lines, t.head[2] = []string{"images in " + escape.Line(common)}, "tag"
		name = func(image plan.Image) string { return image.Tag }
	}
	for i, image := range images {
		row := []string{escape.Line(string(image.Component)), "", escape.Line(name(image)), ""}
		if i < len(actions) {
			row[1], row[whyColumn] = escape.Line(string(actions[i].Do)), escape.Line(actions[i].Why)
		}
		t.rows = append(t.rows, row)
	}
	if _, total := t.withoutEmptyColumns().columnWidths(); total <= v.width {
		return append(lines, t.withoutEmptyColumns().tableLines(v.style, v.width)...)
	}
	lines = append(lines, t.withoutColumn(whyColumn).withoutEmptyColumns().tableLines(v.style, v.width)...)
	for _, row := range t.rows {
		if row[whyColumn] != "" {
			lines = append(lines, indent("  "+row[0]+": ", "    ", []string{row[whyColumn]})...)
		}
	}
	return lines
}

// commonRepository is the repository of all images, "" where they have several.
func commonRepository(images []plan.Image) string {
	for _, image := range images {
		if image.Repository != images[0].Repository {
			return ""
		}
	}
	if len(images) == 0 {
		return ""
	}
	return images[0].Repository.String()
}

func buildTable(images []plan.Image) table {
	t := table{head: []string{"component", "dockerfile", "context", "target", "platforms"}}
	for _, i := range images {
		t.rows = append(t.rows, []string{
			escape.Line(string(i.Component)), escape.Line(i.Dockerfile), escape.Line(i.Context), escape.Line(i.Target),
			escape.Line(strings.Join(i.Platforms, ", ")),
		})
	}
	return t.withoutEmptyColumns()
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

// signIn says where a workflow signs in to Argo CD without a token.
func signIn(p plan.Plan) string {
	var names []string
	for i, name := range p.Applications() {
		if p.ArgoCD[i].Auth == config.ArgoCDOIDC {
			names = append(names, escape.Line(name))
		}
	}
	switch len(names) {
	case 0:
		return ""
	case len(p.ArgoCD):
		return ", signed in to by the workflow's identity"
	}
	return ", signed in to by the workflow's identity for " + strings.Join(names, ", ")
}
