package report

import (
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
)

// SnippetLines are the lines of the snippet without the indentation that all share: its reader indents it.
func (p Place) SnippetLines() []string {
	lines := escape.Lines(p.Snippet)
	shared := len(p.Snippet)
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
