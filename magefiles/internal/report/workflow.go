package report

import (
	"fmt"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
)

// annotation is the ::error or ::warning command of an error. GitHub shows it at the file's line where the file is one
// of the checkout; a place in another repository (owner/name@branch:path) goes into the text instead.
func annotation(level, title string, e Error) string {
	lines := escape.Lines(e.Message)
	var file, line, column string
	if e.Place != nil {
		if p := e.Place; p.File != "" && !strings.ContainsAny(p.File, "@:") {
			file, line, column = p.File, number(p.Line), number(p.Column)
		} else if p.File != "" && len(lines) > 0 {
			lines[0] = escape.Line(p.String()) + ": " + lines[0]
		}
		lines = append(lines, snippetLines(e.Place.Snippet)...)
	}
	for _, remedy := range escape.Lines(e.Remedy) {
		lines = append(lines, "→ "+remedy)
	}
	return escape.Command(level, strings.Join(lines, "\n"), "file", escape.Line(file), "line", line, "col", column, "title", escape.Line(title))
}

func number(n int) string {
	if n <= 0 {
		return ""
	}
	return fmt.Sprint(n)
}
