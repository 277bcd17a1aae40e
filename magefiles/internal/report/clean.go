package report

import (
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
)

// snippetLines is cleanLines without the indentation that all lines share: who shows a snippet indents it.
func snippetLines(s string) []string {
	lines := escape.Lines(s)
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
