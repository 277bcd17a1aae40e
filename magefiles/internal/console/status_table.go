package console

import (
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/status"
	"github.com/xiilab/astrago-ci/magefiles/internal/terminal"
)

// Columns of the table.
const (
	statusCommit = 2 + iota
	statusBuilt
	statusTitle
	statusBehind
	statusDigest
	statusDeployed
	statusBy
	statusState
)

// componentTable drops what is least missed where the table is too wide. Titles then have lines of their own.
func (v statusView) componentTable(d status.Deployment) []string {
	t := table{
		head:  []string{"component", "tag", "commit", "built", "title", "behind", "digest", "deployed", "by", "state"},
		right: []bool{statusBuilt: true, statusBehind: true, statusDeployed: true, statusState: false},
	}
	for _, component := range d.Components {
		t.rows = append(t.rows, v.componentRow(component))
	}
	titles := false
	for _, column := range []int{statusDigest, statusTitle, statusCommit, statusBy} {
		if _, total := t.withoutEmptyColumns().columnWidths(); total <= v.width {
			break
		}
		t = t.withoutColumn(column)
		titles = titles || column == statusTitle
	}
	lines := t.withoutEmptyColumns().tableLines(v.style, v.width)
	if titles {
		for _, text := range commitTitles(d.Components) {
			lines = append(lines, v.style.dim("  "+terminal.Clip(escape.Line(text), v.width-2)))
		}
	}
	return lines
}

func (v statusView) componentRow(c status.Component) []string {
	row := make([]string, statusState+1)
	row[0], row[1], row[statusState] = escape.Line(string(c.Name)), escape.Line(c.Tag), c.StateText()
	if s := c.Source; s != nil {
		row[statusCommit], row[statusBehind] = s.SHA.Short(), s.BehindText()
		row[statusTitle] = terminal.Clip(escape.Line(s.Title), 40)
		if s.Time != nil {
			row[statusBuilt] = status.ShortAge(v.now.Sub(*s.Time))
		}
	}
	if c.Registry.Digest != "" {
		row[statusDigest] = imageref.ShortDigest(c.Registry.Digest)
	}
	if by := c.Deployed; by != nil {
		row[statusDeployed], row[statusBy] = status.ShortAge(v.now.Sub(by.Time)), terminal.Clip(escape.Line(by.By), 20)
	}
	return row
}

// commitTitles has a line for each commit.
func commitTitles(components []status.Component) []string {
	var lines []string
	for _, c := range components {
		if c.Source == nil || c.Source.Title == "" {
			continue
		}
		line := c.Source.SHA.Short() + " " + c.Source.Title
		if c.Source.Author != "" {
			line += " (" + c.Source.Author + ")"
		}
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return lines
}
