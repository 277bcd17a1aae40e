package console

import (
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/terminal"
)

// table aligns cells in columns of a terminal.
type table struct {
	head  []string
	right []bool // columns whose cells stand at the right, such as sizes; may be shorter than head
	rows  [][]string
}

// columnGap is the space between two columns.
const columnGap = 2

// tableLines renders the table, or, where it is wider than width, each row as a block of name and value.
func (t table) tableLines(s style, width int) []string {
	if len(t.rows) == 0 {
		return nil
	}
	widths, total := t.columnWidths()
	if total > width {
		return t.rowBlocks(s)
	}
	lines := []string{s.dim(t.alignedRow(t.head, widths))}
	for _, row := range t.rows {
		lines = append(lines, t.alignedRow(row, widths))
	}
	return lines
}

func (t table) columnWidths() (widths []int, total int) {
	widths = make([]int, len(t.head))
	for _, row := range append([][]string{t.head}, t.rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], terminal.Columns(cell))
		}
	}
	for _, w := range widths {
		total += w + columnGap
	}
	return widths, total - columnGap
}

func (t table) alignedRow(cells []string, widths []int) string {
	aligned := make([]string, len(cells))
	for i, cell := range cells {
		if i < len(t.right) && t.right[i] {
			aligned[i] = terminal.PadLeft(cell, widths[i])
		} else {
			aligned[i] = terminal.Pad(cell, widths[i])
		}
	}
	return strings.TrimRight(strings.Join(aligned, strings.Repeat(" ", columnGap)), " ")
}

// rowBlocks returns the first cell as a heading and the others below it, so that nothing that people copy is cut.
func (t table) rowBlocks(s style) []string {
	names := 0
	for _, name := range t.head {
		names = max(names, terminal.Columns(name))
	}
	var lines []string
	for _, row := range t.rows {
		lines = append(lines, s.bold(row[0]))
		for i, cell := range row[1:] {
			if cell != "" {
				lines = append(lines, "  "+s.dim(terminal.Pad(t.head[i+1], names))+"  "+cell)
			}
		}
	}
	return lines
}

// withoutEmptyColumns drops the columns that say nothing in any row.
func (t table) withoutEmptyColumns() table {
	var kept table
	kept.rows = make([][]string, len(t.rows))
	for i, name := range t.head {
		if !slices.ContainsFunc(t.rows, func(row []string) bool { return row[i] != "" }) {
			continue
		}
		kept.head = append(kept.head, name)
		kept.right = append(kept.right, i < len(t.right) && t.right[i])
		for r, row := range t.rows {
			kept.rows[r] = append(kept.rows[r], row[i])
		}
	}
	return kept
}

// withoutColumn is the table with nothing in one column.
func (t table) withoutColumn(column int) table {
	kept := table{head: t.head, right: t.right, rows: make([][]string, len(t.rows))}
	for i, row := range t.rows {
		kept.rows[i] = slices.Clone(row)
		kept.rows[i][column] = ""
	}
	return kept
}
