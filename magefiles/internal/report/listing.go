package report

import "github.com/xiilab/astrago-ci/magefiles/internal/escape"

// Row is a name with what there is to say of it.
type Row struct{ Name, Text string }

// Listing prints a heading and rows below it.
func (c *Console) Listing(heading string, rows []Row) {
	width := 0
	for _, row := range rows {
		width = max(width, columns(escape.Line(row.Name)))
	}
	lines := []string{c.style.bold(escape.Line(heading))}
	for _, row := range rows {
		lines = append(lines, "  "+pad(escape.Line(row.Name), width)+"  "+escape.Line(row.Text))
	}
	c.print(append(lines, "")...)
}
