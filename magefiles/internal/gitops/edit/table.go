package edit

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
)

// Table has a line for each change, in columns. Files are named only when there are several, paths only where a
// component sets several values of one file.
func Table(changes []Change) string {
	labels := make([]string, len(changes))
	var labelWidth, oldWidth int
	for i, c := range changes {
		labels[i] = labelOf(c, changes)
		labelWidth = max(labelWidth, utf8.RuneCountInString(labels[i]))
		oldWidth = max(oldWidth, utf8.RuneCountInString(escape.Commit(c.Old.String())))
	}
	several := slices.ContainsFunc(changes, func(c Change) bool { return c.File != changes[0].File })
	var b strings.Builder
	for i, c := range changes {
		if several && (i == 0 || c.File != changes[i-1].File) {
			b.WriteString(strings.Repeat("\n", min(i, 1)) + escape.Commit(c.File) + "\n")
		}
		fmt.Fprintf(&b, "%-*s  %-*s -> %s\n", labelWidth, labels[i], oldWidth, escape.Commit(c.Old.String()), escape.Commit(c.New.String()))
		for _, place := range c.Shared {
			b.WriteString("  and " + escape.Commit(place) + "\n")
		}
	}
	return b.String()
}

func labelOf(c Change, all []Change) string {
	for _, other := range all {
		if other.File == c.File && other.Component == c.Component && other.Path != c.Path {
			return string(c.Component) + " " + escape.Commit(c.Path)
		}
	}
	return string(c.Component)
}
