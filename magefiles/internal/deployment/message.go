package deployment

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// render writes the commit's message from what the commit really changes.
func render(b Bump, changes []FileChange, overridden []string) message {
	m := message{
		headline: fmt.Sprintf("deploy(%s): %s %s", b.Environment, b.Service, b.Source.ShortSHA()),
		body:     table(changes) + "\n" + b.trailers(overridden).String(),
	}
	if len(overridden) > 0 {
		m.headline += " (forced)"
	}
	return m
}

// table has a line for each change, in columns. Files are named only when there are several, paths only where a
// component sets several values of one file.
func table(changes []FileChange) string {
	labels := make([]string, len(changes))
	var labelWidth, oldWidth int
	for i, c := range changes {
		labels[i] = label(c, changes)
		labelWidth = max(labelWidth, utf8.RuneCountInString(labels[i]))
		oldWidth = max(oldWidth, utf8.RuneCountInString(inline(c.Old)))
	}
	several := slices.ContainsFunc(changes, func(c FileChange) bool { return c.File != changes[0].File })
	var b strings.Builder
	for i, c := range changes {
		if several && (i == 0 || c.File != changes[i-1].File) {
			b.WriteString(strings.Repeat("\n", min(i, 1)) + c.File + "\n")
		}
		fmt.Fprintf(&b, "%-*s  %-*s -> %s\n", labelWidth, labels[i], oldWidth, inline(c.Old), inline(c.New))
	}
	return b.String()
}

func label(c FileChange, all []FileChange) string {
	for _, other := range all {
		if other.File == c.File && other.Component == c.Component && other.Path != c.Path {
			return c.Component + " " + c.Path
		}
	}
	return c.Component
}

// inline makes a value fit in a line: what is empty or would break the line is quoted.
func inline(value string) string {
	if quoted := strconv.Quote(value); value == "" || quoted != `"`+value+`"` {
		return quoted
	}
	return value
}
