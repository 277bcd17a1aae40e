package console

import (
	"fmt"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/terminal"
)

// Finish closes the run: the images, the values that changed, and how it ended in how much time. Error shows the error of a
// failed run, after it.
func (c *Console) Finish(r report.Report) { c.printLines(closingView{c.layout}.closingLines(r)...) }

// closingView renders the summary at the end of a run.
type closingView struct{ layout }

func (v closingView) closingLines(r report.Report) []string {
	var lines []string
	if images := v.imageLines(r.Images); len(images) > 0 {
		lines = append(append(lines, ""), images...)
	}
	for _, d := range r.Deployment {
		lines = append(append(lines, ""), v.deploymentLines(d)...)
	}
	if !r.Notes.IsEmpty() {
		lines = append(append(lines, ""), notesView{layout: v.layout, most: mostClosing}.notesLines(r.Notes)...)
	}
	lines = append(lines, v.syncLines(r.Syncs())...)
	return append(append(lines, ""), v.outcomeLines(r)...)
}

// deploymentLines shows each changed value as its place, the old value and the new one.
func (v closingView) deploymentLines(d report.Deployment) []string {
	title := v.style.bold(escape.Line(d.Repository)) + ", branch " + escape.Line(d.Branch)
	if len(d.Changes) == 0 {
		title += ", unchanged"
	}
	lines := []string{title}
	oneLine := !slices.ContainsFunc(d.Changes, func(change report.Change) bool {
		return terminal.Columns(change.Place())+terminal.Columns(change.Path)+3 > v.width
	})
	for _, change := range d.Changes {
		lines = append(lines, v.changeLines(change, oneLine)...)
	}
	for _, kept := range d.Kept {
		lines = append(lines, "  "+escape.Line(kept.Text()))
	}
	if d.Subject != "" {
		lines = append(lines, "  commit message: "+escape.Line(d.Subject))
	}
	switch {
	case d.PullRequest != nil:
		lines = append(lines, "  "+d.PullRequest.Title()+" "+v.style.cyan(escape.Line(d.PullRequest.URL)))
	case d.URL != "":
		lines = append(lines, "  "+v.style.cyan(escape.Line(d.URL)))
	case d.Commit != "":
		lines = append(lines, "  commit "+v.style.cyan(escape.Line(string(d.Commit))))
	}
	return lines
}

func (v closingView) changeLines(change report.Change, oneLine bool) []string {
	place, path := change.Place(), escape.Line(change.Path)
	lines := []string{"  " + place, "    " + v.style.dim(path)}
	if oneLine {
		lines = []string{"  " + place + " " + v.style.dim(path)}
	}
	for _, old := range escape.Lines(change.Old) {
		lines = append(lines, "    "+v.style.red("- "+old))
	}
	for _, value := range escape.Lines(change.New) {
		lines = append(lines, "    "+v.style.green("+ "+value))
	}
	for _, shared := range change.Shared {
		lines = append(lines, "    and "+escape.Line(shared))
	}
	return lines
}

// outcomeLines is the last line, and below it where the time went.
func (v closingView) outcomeLines(r report.Report) []string {
	took := " after %s"
	switch {
	case r.Outcome == report.NothingToDo, r.Outcome == report.Done && r.DryRun:
		took = " (%s)"
	case r.Outcome == report.Done:
		took = " in %s"
	}
	headline := v.style.bold(escape.Line(r.Headline()))
	lines := []string{v.style.mark(r.Outcome) + " " + headline + fmt.Sprintf(took, report.Seconds(r.Seconds))}
	for _, timings := range wrapItems(stageTimes(r.Stages), v.width-2) {
		lines = append(lines, "  "+v.style.dim(timings))
	}
	return lines
}

func stageTimes(stages []report.Timing) []string {
	var times []string
	for _, s := range stages {
		if s.Outcome != report.Skipped {
			times = append(times, escape.Line(s.Name)+" "+report.Seconds(s.Seconds))
		}
	}
	return times
}

// syncLines returns the closing table's lines about Argo CD.
func (v closingView) syncLines(live []report.Sync) []string {
	var lines []string
	for _, s := range live {
		name, state := v.style.bold(escape.Line(s.Application)), escape.Line(s.Status())
		lines = append(lines, "", name+" is "+state, "  "+v.style.cyan(escape.Line(s.URL)))
	}
	return lines
}
