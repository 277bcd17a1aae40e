package deployment

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
)

// render writes the commit's message from what the commit really changes.
func render(b Bump, draft *Draft, v verdict) message {
	m := message{headline: b.headline(), body: b.trailers(draft, v).String()}
	if len(draft.kept) > 0 {
		m.body = keptLines(draft.kept) + "\n" + m.body
		if len(draft.Changes) == 0 {
			m.headline = strings.Replace(m.headline, "deploy(", "keep(", 1)
		}
	}
	if len(draft.Changes) > 0 {
		m.body = table(draft.Changes) + "\n" + m.body
	}
	if len(v.overridden)+len(b.Forced) > 0 {
		m.headline += " (forced)"
	}
	return m
}

// headline says in a line what is done to what.
func (b Bump) headline() string {
	var lifted []string
	for _, component := range b.Lift {
		lifted = append(lifted, inline(component)) // of a file of the deployment repository
	}
	held := make([]string, len(b.Hold))
	for i, h := range b.Hold {
		held[i] = inline(h.Component)
	}
	switch {
	case b.Rollback != nil:
		return fmt.Sprintf("rollback(%s): %s to %s", b.Environment, b.Service, b.shortSHA())
	case len(b.Hold) > 0:
		return fmt.Sprintf("hold(%s): %s %s", b.Environment, b.Service, strings.Join(held, ", "))
	case len(b.Lift) > 0:
		return fmt.Sprintf("lift(%s): %s %s", b.Environment, b.Service, strings.Join(lifted, ", "))
	case b.Promoted != "":
		from, _, _ := strings.Cut(b.Promoted, " ")
		return fmt.Sprintf("deploy(%s): %s %s from %s", b.Environment, b.Service, b.shortSHA(), from)
	}
	return fmt.Sprintf("deploy(%s): %s %s", b.Environment, b.Service, b.shortSHA())
}

// keptLines says of each component that is left alone what it keeps.
func keptLines(kept []Kept) string {
	var b strings.Builder
	for _, k := range kept {
		fmt.Fprintf(&b, "%s keeps %s, which is the same image\n", k.Component, inline(k.Tag))
	}
	return b.String()
}

// table has a line for each change, in columns. Files are named only when there are several, paths only where a
// component sets several values of one file.
func table(changes []FileChange) string {
	labels := make([]string, len(changes))
	var labelWidth, oldWidth int
	for i, c := range changes {
		labels[i] = label(c, changes)
		labelWidth = max(labelWidth, utf8.RuneCountInString(labels[i]))
		oldWidth = max(oldWidth, utf8.RuneCountInString(inline(c.Old.String())))
	}
	several := slices.ContainsFunc(changes, func(c FileChange) bool { return c.File != changes[0].File })
	var b strings.Builder
	for i, c := range changes {
		if several && (i == 0 || c.File != changes[i-1].File) {
			b.WriteString(strings.Repeat("\n", min(i, 1)) + inline(c.File) + "\n")
		}
		fmt.Fprintf(&b, "%-*s  %-*s -> %s\n", labelWidth, labels[i], oldWidth, inline(c.Old.String()), inline(c.New.String()))
		for _, place := range c.Shared {
			b.WriteString("  and " + inline(place) + "\n")
		}
	}
	return b.String()
}

func label(c FileChange, all []FileChange) string {
	for _, other := range all {
		if other.File == c.File && other.Component == c.Component && other.Path != c.Path {
			return c.Component + " " + inline(c.Path)
		}
	}
	return c.Component
}

// inline makes a value of others fit in a line of a commit's message.
func inline(value string) string { return escape.Commit(value) }
