package report

import (
	"io"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/status"
)

// StatusJSON writes a status as one indented JSON document.
func StatusJSON(w io.Writer, s status.Status) error { return writeJSON(w, s) }

// Status shows what is deployed where: a table for each deployment of each environment, and below it what needs words. It
// leaves out columns that do not fit before it gives up the table.
func (c *Console) Status(s status.Status) {
	var lines []string
	for i, e := range s.Environments {
		if i > 0 {
			lines = append(lines, "")
		}
		lines = append(lines, c.environment(e, s.Generated)...)
	}
	c.print(lines...)
}

func (c *Console) environment(e status.Environment, now time.Time) []string {
	var lines []string
	for i, d := range e.Deployments {
		title := c.style.bold(escape.Line(e.Name)) + "  " + escape.Line(d.Repository) + ", branch " + escape.Line(d.Branch)
		if i > 0 {
			lines = append(lines, "")
		}
		lines = append(lines, title)
		if i == 0 {
			for _, a := range e.Applications() {
				lines = append(lines, indent("  ArgoCD ", "  ", []string{escape.Line(a.Application) + ": " + c.argocd(a)})...)
			}
		}
		if d.Error != "" {
			lines = append(lines, c.style.yellow("  ? ")+escape.Line(d.Error))
			continue
		}
		lines = append(lines, c.components(d, now)...)
	}
	for _, a := range e.Applications() {
		lines = append(lines, c.remarks(a.Application, a.Drift)...)
	}
	return lines
}

func (c *Console) argocd(a *status.ArgoCD) string {
	text := escape.Line(a.Summary())
	switch {
	case a.State == status.Drifted:
		text = c.style.red(text)
	case !a.Asked || a.Reason != "" || a.Health != "Healthy":
		text = c.style.yellow(text)
	}
	if a.Running {
		text += ", syncing"
	}
	if a.Message != "" {
		text += ": " + clip(escape.Line(a.Message), max(20, c.o.Width-40))
	}
	return text
}

// components is the table with what does not fit into it below.
func (c *Console) components(d status.Deployment, now time.Time) []string {
	lines := c.statusTable(d, now)
	for _, component := range d.Components {
		if component.Error != "" {
			lines = append(lines, c.style.yellow("  ? ")+escape.Line(component.Name+": "+component.Error))
		}
		lines = append(lines, c.remarks(component.Name, component.Drift)...)
		if reason := component.Registry.Reason; reason != "" {
			lines = append(lines, c.style.yellow("  ? ")+escape.Line(component.Name+": "+reason))
		}
	}
	for _, h := range holdLinesOf(d.Components, now) {
		lines = append(lines, c.style.yellow("  ‖ ")+escape.Line(h))
	}
	return lines
}

func (c *Console) remarks(name string, drift []status.Drift) []string {
	lines := make([]string, len(drift))
	for i, d := range drift {
		lines[i] = c.style.red("  ! ") + escape.Line(name+": "+d.Text())
	}
	return lines
}
