// Package runreport assembles the report of a run from what its stages return: no stage changes a report, commands and the frame of a
// run hand what was returned to the Builder.
package runreport

import (
	"cmp"
	"slices"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// Builder makes a report as the run goes.
type Builder struct {
	report *report.Report
	images []plan.Image // of the plan, nil until there is one
}

// New returns the builder of a run that has just begun.
func New(command report.Command, run string) *Builder {
	return &Builder{report: &report.Report{
		Schema: report.Schema, Command: command, Outcome: report.Done, Started: time.Now().UTC(), Run: run,
	}}
}

// Report returns the report. It is the same one throughout the run.
func (b *Builder) Report() *report.Report { return b.report }

// SetPlan takes what a plan says of the run over. What was reported already stays.
func (b *Builder) SetPlan(p *plan.Plan) {
	r, old := report.New(b.report.Command, *p, b.report.Started), b.report
	r.Images, r.From, r.Notes, r.Holds, r.DryRun = old.Images, old.From, old.Notes, old.Holds, old.DryRun
	r.Run, r.Operate, r.Reason, r.By, r.Outcome = old.Run, old.Operate, old.Reason, old.By, old.Outcome
	*b.report, b.images = r, p.Images
}

// SortImages puts the images into the plan's order; they were reported as they were done.
func (b *Builder) SortImages() {
	order := make(map[imageref.Reference]int, len(b.images))
	for i, image := range b.images {
		order[image.Ref()] = i
	}
	slices.SortStableFunc(b.report.Images, func(x, y report.Image) int { return cmp.Compare(order[x.Ref], order[y.Ref]) })
}

// SetDirty reports whether the tree differs from the commit, where that is reported.
func (b *Builder) SetDirty(dirty bool) { b.report.Commit.Dirty = dirty && b.report.Commit.SHA != "" }

// NothingToDo ends a run that had nothing to do.
func (b *Builder) NothingToDo() { b.report.Outcome = report.NothingToDo }

// find returns the reported image of a reference, nil where there is none.
func (b *Builder) find(ref imageref.Reference) *report.Image {
	for i := range b.report.Images {
		if b.report.Images[i].Ref == ref {
			return &b.report.Images[i]
		}
	}
	return nil
}

// component returns the component that the plan has a reference for.
func (b *Builder) component(ref imageref.Reference) component.Name {
	for _, image := range b.images {
		if image.Ref() == ref {
			return image.Component
		}
	}
	return ""
}
