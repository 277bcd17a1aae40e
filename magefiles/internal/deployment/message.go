package deployment

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// render writes the commit's message from what the commit really changes.
func render(b Bump, draft *Draft, v verdict) (message, error) {
	subject, err := b.subject(draft, v)
	m := message{headline: subject, body: b.trailers(draft, v).String()}
	if len(draft.kept) > 0 {
		m.body = keptLines(draft.kept) + "\n" + m.body
	}
	if len(draft.Changes) > 0 {
		m.body = table(draft.Changes) + "\n" + m.body
	}
	return m, err
}

// headline says in a line what is done to what.
func (b Bump) headline(draft *Draft, v verdict) string {
	line := b.action(draft)
	if len(v.overridden)+len(b.Forced) > 0 {
		line += " (forced)"
	}
	return line
}

func (b Bump) action(draft *Draft) string {
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
		return plan.Headline("rollback", b.Environment, b.Service, "to "+b.shortSHA())
	case len(b.Hold) > 0:
		return plan.Headline("hold", b.Environment, b.Service, strings.Join(held, ", "))
	case len(b.Lift) > 0:
		return plan.Headline("lift", b.Environment, b.Service, strings.Join(lifted, ", "))
	}
	action, build := "deploy", b.shortSHA()
	if len(draft.kept) > 0 && len(draft.Changes) == 0 {
		action = "keep"
	}
	if from, _, ok := strings.Cut(b.Promoted, " "); ok {
		build += " from " + from
	}
	return plan.Headline(action, b.Environment, b.Service, build)
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
