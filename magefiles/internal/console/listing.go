package console

import (
	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/terminal"
)

// Row is a name with what there is to say of it.
type Row struct{ Name, Text string }

// Listing shows a heading and rows below it.
func (c *Console) Listing(heading string, rows []Row) {
	width := 0
	for _, row := range rows {
		width = max(width, terminal.Columns(escape.Line(row.Name)))
	}
	lines := []string{c.layout.style.bold(escape.Line(heading))}
	for _, row := range rows {
		lines = append(lines, "  "+terminal.Pad(escape.Line(row.Name), width)+"  "+escape.Line(row.Text))
	}
	c.printLines(append(lines, "")...)
}
