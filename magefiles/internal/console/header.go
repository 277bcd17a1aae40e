package console

import (
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/terminal"
)

// Header shows what is about to be released, from where.
func (c *Console) Header(p plan.Plan) {
	title := c.layout.style.bold(escape.Line(p.Service))
	if p.Environment != "" {
		title += " to " + c.layout.style.bold(escape.Line(p.Environment))
	}
	commit := report.NewCommit(p.Commit)
	subject := terminal.Clip(escape.Line(commit.Title), c.layout.width-20)
	lines := []string{
		title,
		c.layout.labelledLine("commit", c.layout.style.cyan(commit.SHA.Short())+" "+subject),
		c.layout.labelledLine("", c.layout.style.dim(commit.Details())),
		c.layout.labelledLine("images", terminal.Clip(escape.Line(component.Join(plan.Components(p.Images), ", ")), c.layout.width-11)),
	}
	for _, d := range p.Deployments {
		lines = append(lines, c.layout.labelledLine("deploy", escape.Line(d.Repository+", branch "+d.Branch)))
	}
	c.printLines(append(lines, "")...)
}

// Task shows what is about to be done with images that exist.
func (c *Console) Task(command report.Command, p plan.Plan) {
	bold := c.layout.style.bold
	lines := []string{string(command) + " " + bold(escape.Line(p.Service)) + " in " + bold(escape.Line(p.Environment))}
	for _, d := range p.Deployments {
		lines = append(lines, c.layout.labelledLine("deploy", escape.Line(d.Repository+", branch "+d.Branch)))
	}
	c.printLines(append(lines, "")...)
}
