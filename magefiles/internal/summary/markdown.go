package summary

import (
	"fmt"
	"io"
	"strings"
)

// Limit is the maximum size of a step's summary on GitHub, in bytes; a longer one is dropped.
const Limit = 1 << 20

// markdown collects blocks up to a limit. What does not fit is left out whole line by whole line and counted, so that
// tables and fences stay well-formed.
type markdown struct {
	b    strings.Builder
	left int
}

// block writes open, as many of the lines as fit, and end. It leaves the block out where not even one line fits.
func (m *markdown) block(open string, lines []string, end string) {
	const reserve = 200 // for the count below
	room := m.left - len(open) - len(end) - reserve
	fits := 0
	for fits < len(lines) && len(lines[fits])+1 <= room {
		room -= len(lines[fits]) + 1
		fits++
	}
	if fits == 0 {
		return
	}
	text := open + strings.Join(lines[:fits], "\n") + "\n" + end
	if rest := len(lines) - fits; rest > 0 {
		text += fmt.Sprintf("%d more lines do not fit into the summary.\n", rest)
	}
	m.b.WriteString(text + "\n")
	m.left -= len(text) + 1
}

// writeTo writes what was collected.
func (m *markdown) writeTo(w io.Writer) error {
	if _, err := io.WriteString(w, m.b.String()); err != nil {
		return fmt.Errorf("writing the job summary: %w", err)
	}
	return nil
}

// fence is a code block; its fence is longer than any in the lines.
func (m *markdown) fence(language string, lines []string) {
	ticks := "```"
	for strings.Contains(strings.Join(lines, "\n"), ticks) {
		ticks += "`"
	}
	m.block(ticks+language+"\n", lines, ticks+"\n")
}

// table writes a table whose cells are markdown already; columns named in right are aligned to the right.
func (m *markdown) table(head []string, right []bool, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	rule := make([]string, len(head))
	for i := range head {
		rule[i] = "---"
		if i < len(right) && right[i] {
			rule[i] = "--:"
		}
	}
	lines := make([]string, len(rows))
	for i, row := range rows {
		lines[i] = tableRow(row)
	}
	m.block(tableRow(head)+"\n"+tableRow(rule)+"\n", lines, "")
}

func tableRow(cells []string) string { return "| " + strings.Join(cells, " | ") + " |" }
