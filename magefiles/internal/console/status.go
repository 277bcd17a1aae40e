package console

import (
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/status"
	"github.com/xiilab/astrago-ci/magefiles/internal/terminal"
)

// Status shows what is deployed where: a table for each deployment of each environment, and below it what needs words. It
// leaves out columns that do not fit before it gives up the table.
func (c *Console) Status(s status.Status) {
	c.printLines(statusView{layout: c.layout, now: s.Generated}.statusLines(s)...)
}

// statusView renders a status as of a given time.
type statusView struct {
	layout
	now time.Time
}

func (v statusView) statusLines(s status.Status) []string {
	var lines []string
	for i, e := range s.Environments {
		if i > 0 {
			lines = append(lines, "")
		}
		lines = append(lines, v.environmentLines(e)...)
	}
	return lines
}

func (v statusView) environmentLines(e status.Environment) []string {
	var lines []string
	for i, d := range e.Deployments {
		title := v.style.bold(escape.Line(e.Name)) + "  " + escape.Line(d.Repository) + ", branch " + escape.Line(d.Branch)
		if i > 0 {
			lines = append(lines, "")
		}
		lines = append(lines, title)
		if i == 0 {
			for _, a := range e.Applications() {
				lines = append(lines, indent("  Argo CD ", "  ", []string{escape.Line(a.Application) + ": " + v.applicationState(a)})...)
			}
		}
		if d.Error != "" {
			lines = append(lines, v.style.yellow("  ? ")+escape.Line(d.Error))
			continue
		}
		lines = append(lines, v.componentLines(d)...)
	}
	for _, a := range e.Applications() {
		lines = append(lines, v.driftLines(a.Application, a.Drift)...)
	}
	return lines
}

func (v statusView) applicationState(a *status.ArgoCD) string {
	text := escape.Line(a.Summary())
	switch {
	case a.State == status.Drifted:
		text = v.style.red(text)
	case !a.Asked || a.Reason != "" || a.Health != "Healthy":
		text = v.style.yellow(text)
	}
	if a.Running {
		text += ", syncing"
	}
	if a.Message != "" {
		text += ": " + terminal.Clip(escape.Line(a.Message), max(20, v.width-40))
	}
	return text
}

// componentLines is the table with what does not fit into it below.
func (v statusView) componentLines(d status.Deployment) []string {
	lines := v.componentTable(d)
	for _, component := range d.Components {
		if component.Error != "" {
			lines = append(lines, v.style.yellow("  ? ")+escape.Line(string(component.Name)+": "+component.Error))
		}
		lines = append(lines, v.driftLines(string(component.Name), component.Drift)...)
		if reason := component.Registry.Reason; reason != "" {
			lines = append(lines, v.style.yellow("  ? ")+escape.Line(string(component.Name)+": "+reason))
		}
	}
	for _, h := range d.HoldTexts(v.now) {
		lines = append(lines, v.style.yellow("  ‖ ")+escape.Line(h))
	}
	return lines
}

func (v statusView) driftLines(name string, drift []status.Drift) []string {
	lines := make([]string, len(drift))
	for i, d := range drift {
		lines[i] = v.style.red("  ! ") + escape.Line(name+": "+d.Text())
	}
	return lines
}
