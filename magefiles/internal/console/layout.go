package console

import (
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/terminal"
)

// layout holds the width of the terminal and its colours. Types that embed it render a part of a run.
type layout struct {
	style style
	width int
}

func (l layout) labelledLine(name, value string) string {
	return "  " + terminal.Pad(name, 8) + " " + value
}

func (l layout) remedyLines(text string) []string {
	var lines []string
	for _, line := range escape.Lines(text) {
		lines = append(lines, "  "+l.style.green("→")+" "+line)
	}
	return lines
}

// indent puts first before the first line and rest before the others.
func indent(first, rest string, lines []string) []string {
	indented := make([]string, len(lines))
	for i, line := range lines {
		indented[i] = rest + line
		if i == 0 {
			indented[i] = first + line
		}
	}
	return indented
}

// wrapItems joins items with commas into lines of at most width columns.
func wrapItems(items []string, width int) []string {
	var lines []string
	for i, item := range items {
		if i < len(items)-1 {
			item += ","
		}
		last := len(lines) - 1
		if last >= 0 && terminal.Columns(lines[last])+1+terminal.Columns(item) <= width {
			lines[last] += " " + item
		} else {
			lines = append(lines, item)
		}
	}
	return lines
}

// wrapWords breaks text between words. A word that is wider than a line has one of its own.
func wrapWords(text string, width int) []string {
	lines := []string{""}
	for word := range strings.FieldsSeq(text) {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case terminal.Columns(*last)+1+terminal.Columns(word) > width:
			lines = append(lines, word)
		default:
			*last += " " + word
		}
	}
	return lines
}
