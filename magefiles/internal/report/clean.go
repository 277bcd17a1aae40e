package report

import (
	"strings"
	"unicode"
)

// clean makes one line of text that others wrote (commit titles, paths, messages of servers) safe to show: control
// characters, which could move the cursor or forge lines, become visible, and letters that reorder the text are replaced.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case r < 0x20:
			return 0x2400 + r // the control picture, e.g. U+241B for ESC
		case r == 0x7f:
			return 0x2421
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == '\u2028', r == '\u2029':
			return unicode.ReplacementChar
		}
		return r
	}, strings.TrimRight(strings.ReplaceAll(s, "\r\n", "\n"), "\r\n"))
}

// cleanLines is clean for text of several lines. Tabs become four spaces, so that snippets keep their indentation.
func cleanLines(s string) []string {
	if s == "" {
		return nil
	}
	var lines []string
	for line := range strings.Lines(s) {
		lines = append(lines, clean(strings.ReplaceAll(line, "\t", "    ")))
	}
	return lines
}

// snippetLines is cleanLines without the indentation that all lines share: who shows a snippet indents it.
func snippetLines(s string) []string {
	lines := cleanLines(s)
	shared := len(s)
	for _, line := range lines {
		if inner := strings.TrimLeft(line, " "); inner != "" {
			shared = min(shared, len(line)-len(inner))
		}
	}
	for i, line := range lines {
		lines[i] = line[min(shared, len(line)):]
	}
	return lines
}
