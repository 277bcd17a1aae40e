package console_test

import "strings"

// screen returns the screen of a terminal without escape sequences after s: carriage return and backspace move, letters overwrite. A cell
// holds a letter; the second cell of a wide letter holds an empty string.
func screen(s string, wide func(rune) bool) string {
	lines, column := [][]string{nil}, 0
	put := func(cell string) {
		line := &lines[len(lines)-1]
		for len(*line) <= column {
			*line = append(*line, " ")
		}
		(*line)[column] = cell
		column++
	}
	for _, r := range s {
		switch r {
		case '\n':
			lines, column = append(lines, nil), 0
		case '\r':
			column = 0
		case '\b':
			column--
		default:
			put(string(r))
			if wide(r) {
				put("")
			}
		}
	}
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(strings.TrimRight(strings.Join(line, ""), " ") + "\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// hangul is enough of "wide" for the samples.
func hangul(r rune) bool { return 0xac00 <= r && r <= 0xd7a3 }
