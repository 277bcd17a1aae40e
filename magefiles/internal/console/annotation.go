package console

import (
	"fmt"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// annotation is the ::error or ::warning command of an error. GitHub shows it at the file's line where the file is one
// of the checkout; a place in another repository (owner/name@branch:path) goes into the text instead.
func annotation(level, title string, e report.Error) string {
	lines := escape.Lines(e.Message)
	var file, line, column string
	if e.Place != nil {
		if p := e.Place; p.File != "" && !strings.ContainsAny(p.File, "@:") {
			file, line, column = p.File, positiveNumber(p.Line), positiveNumber(p.Column)
		} else if p.File != "" && len(lines) > 0 {
			lines[0] = escape.Line(p.String()) + ": " + lines[0]
		}
		lines = append(lines, e.Place.SnippetLines()...)
	}
	for _, remedy := range escape.Lines(e.Remedy) {
		lines = append(lines, "→ "+remedy)
	}
	message := strings.Join(lines, "\n")
	return escape.Command(level, message, "file", escape.Line(file), "line", line, "col", column, "title", escape.Line(title))
}

func positiveNumber(n int) string {
	if n <= 0 {
		return ""
	}
	return fmt.Sprint(n)
}
