// Package escape writes text of others (builds, servers, commit titles, files of the deployment repository) so that it
// cannot act on the reader: one function for each destination.
package escape

import (
	"strings"
	"unicode"
)

// Line returns text as one line for a terminal or a log: control characters, which could move the cursor or forge lines,
// become visible, and letters that reorder the text are replaced.
func Line(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		return visibleRune(r)
	}, strings.TrimRight(strings.ReplaceAll(s, "\r\n", "\n"), "\r\n"))
}

// Shorten returns Line of text, cut to a number of characters.
func Shorten(s string, limit int) string {
	runes := []rune(strings.TrimSpace(Line(s)))
	if len(runes) <= limit {
		return string(runes)
	}
	return strings.TrimSpace(string(runes[:limit-1])) + "…"
}

// Lines is Line for text of several lines. Tabs become four spaces, so that snippets keep their indentation.
func Lines(s string) []string {
	if s == "" {
		return nil
	}
	var lines []string
	for line := range strings.Lines(s) {
		lines = append(lines, Line(strings.ReplaceAll(line, "\t", "    ")))
	}
	return lines
}

// visibleRune returns what stands for a character on a terminal: the picture of an ASCII control (U+241B for ESC), the
// replacement character for other controls, line separators and letters that change the direction of text.
func visibleRune(r rune) rune {
	switch {
	case r < 0x20:
		return 0x2400 + r
	case r == 0x7f:
		return 0x2421
	case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == '\u2028', r == '\u2029':
		return unicode.ReplacementChar
	}
	return r
}
