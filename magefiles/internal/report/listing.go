package report

// Row is a name with what there is to say of it.
type Row struct{ Name, Text string }

// Listing prints a heading and rows below it.
func (c *Console) Listing(heading string, rows []Row) {
	width := 0
	for _, row := range rows {
		width = max(width, columns(clean(row.Name)))
	}
	lines := []string{c.style.bold(clean(heading))}
	for _, row := range rows {
		lines = append(lines, "  "+pad(clean(row.Name), width)+"  "+clean(row.Text))
	}
	c.print(append(lines, "")...)
}
