package report

import (
	"fmt"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
)

// Finish closes the run: the images, the values that changed, and how it ended in how much time. The error of a failed
// run is told by Error, after it.
func (c *Console) Finish(r Report) {
	var lines []string
	if images := c.images(r.Images); len(images) > 0 {
		lines = append(append(lines, ""), images...)
	}
	for _, d := range r.Deployment {
		lines = append(append(lines, ""), c.deployment(d)...)
	}
	lines = append(lines, c.sync(r.live())...)
	c.print(append(append(lines, ""), c.closing(r)...)...)
}

// images shows by how much each has grown within the table, or below it where that keeps the table from being cut into
// blocks.
func (c *Console) images(images []Image) []string {
	whole := imageTable(images)
	bare := slices.Clone(images)
	var growths []string
	for i := range bare {
		if growth := bare[i].growth(); growth != "" {
			growths = append(growths, escape.Line(bare[i].Component)+" "+growth)
		}
		bare[i].PreviousSize = 0
	}
	narrow := imageTable(bare)
	_, most := whole.widths()
	_, least := narrow.widths()
	if most <= c.o.Width || least > c.o.Width || len(growths) == 0 {
		return whole.lines(c.style, c.o.Width)
	}
	lines := narrow.lines(c.style, c.o.Width)
	for _, line := range wrap(growths, c.o.Width-6) {
		lines = append(lines, c.style.dim("size  "+line))
	}
	return lines
}

func imageTable(images []Image) table {
	t := table{
		head:  []string{"component", "tag", "digest", "size", "cached", "state"},
		right: []bool{false, false, false, true, true},
	}
	for _, i := range images {
		row := []string{i.Component, i.Tag(), i.shortDigest(), sizeCell(i), stepsCell(i), stateCell(i)}
		for n := range row {
			row[n] = escape.Line(row[n])
		}
		t.rows = append(t.rows, row)
	}
	return t
}

func sizeCell(i Image) string {
	if i.Size == 0 {
		return ""
	}
	if growth := i.growth(); growth != "" {
		return Size(i.Size) + " (" + growth + ")"
	}
	return Size(i.Size)
}

// stepsCell tells how many of the steps came from the cache, for an image that was built.
func stepsCell(i Image) string {
	if i.Steps == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", i.CachedSteps, i.Steps)
}

// cachedCell is stepsCell with the share in front.
func cachedCell(i Image) string {
	if i.Steps == 0 {
		return ""
	}
	return fmt.Sprintf("%d %% (%s)", i.CachedSteps*100/i.Steps, stepsCell(i))
}

// stateCell is how the image came to be where it is, or in a dry run what would be done and why.
func stateCell(i Image) string {
	if i.State == "" && i.Action != "" {
		return i.Action + ": " + i.Why
	}
	return string(i.State)
}

// deployment shows each changed value as its place, the old value and the new one.
func (c *Console) deployment(d Deployment) []string {
	title := c.style.bold(escape.Line(d.Repository)) + ", branch " + escape.Line(d.Branch)
	if len(d.Changes) == 0 {
		title += ", unchanged"
	}
	lines := []string{title}
	oneLine := !slices.ContainsFunc(d.Changes, func(change Change) bool {
		return columns(changePlace(change))+columns(change.Path)+3 > c.o.Width
	})
	for _, change := range d.Changes {
		lines = append(lines, c.change(change, oneLine)...)
	}
	for _, line := range keptLines(d.Kept) {
		lines = append(lines, "  "+escape.Line(line))
	}
	if d.Subject != "" {
		lines = append(lines, "  commit message: "+escape.Line(d.Subject))
	}
	switch {
	case d.PullRequest != nil:
		lines = append(lines, "  "+d.PullRequest.title()+" "+c.style.cyan(escape.Line(d.PullRequest.URL)))
	case d.URL != "":
		lines = append(lines, "  "+c.style.cyan(escape.Line(d.URL)))
	case d.Commit != "":
		lines = append(lines, "  commit "+c.style.cyan(escape.Line(d.Commit)))
	}
	return lines
}

// title is the number, and what has become of it.
func (p PullRequest) title() string {
	if p.Merged {
		return fmt.Sprintf("pull request #%d, merged:", p.Number)
	}
	return fmt.Sprintf("pull request #%d, to be merged:", p.Number)
}

func (c *Console) change(change Change, oneLine bool) []string {
	place, path := changePlace(change), escape.Line(change.Path)
	lines := []string{"  " + place, "    " + c.style.dim(path)}
	if oneLine {
		lines = []string{"  " + place + " " + c.style.dim(path)}
	}
	for _, old := range escape.Lines(change.Old) {
		lines = append(lines, "    "+c.style.red("- "+old))
	}
	for _, value := range escape.Lines(change.New) {
		lines = append(lines, "    "+c.style.green("+ "+value))
	}
	for _, shared := range change.Shared {
		lines = append(lines, "    and "+escape.Line(shared))
	}
	return lines
}

func changePlace(change Change) string {
	return escape.Line(fmt.Sprintf("%s:%d", change.File, change.Line))
}

// closing is the last line, and below it where the time went.
func (c *Console) closing(r Report) []string {
	took := " after %s"
	switch {
	case r.Outcome == NothingToDo, r.Outcome == Done && r.DryRun:
		took = " (%s)"
	case r.Outcome == Done:
		took = " in %s"
	}
	lines := []string{c.style.mark(r.Outcome) + " " + c.style.bold(escape.Line(headline(r))) + fmt.Sprintf(took, seconds(r.Seconds))}
	for _, timings := range wrap(stageTimes(r.Stages), c.o.Width-2) {
		lines = append(lines, "  "+c.style.dim(timings))
	}
	return lines
}

func stageTimes(stages []Timing) []string {
	var times []string
	for _, s := range stages {
		if s.Outcome != Skipped {
			times = append(times, escape.Line(s.Name)+" "+seconds(s.Seconds))
		}
	}
	return times
}

// wrap joins items with commas into lines of at most width columns.
func wrap(items []string, width int) []string {
	var lines []string
	for i, item := range items {
		if i < len(items)-1 {
			item += ","
		}
		last := len(lines) - 1
		if last >= 0 && columns(lines[last])+1+columns(item) <= width {
			lines[last] += " " + item
		} else {
			lines = append(lines, item)
		}
	}
	return lines
}
