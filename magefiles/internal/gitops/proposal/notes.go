package proposal

import (
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/guard"
	"github.com/xiilab/astrago-ci/magefiles/internal/notes"
)

// Bounds of the notes in a pull request, of the 65,536 characters that GitHub takes.
const (
	maxNotes   = 20_000 // bytes, of all ranges
	maxChanges = 100    // of each side of a range
)

// writeNotes lists the changes by which a replaced build is ahead or behind, if they were read for these very commits. Every line begins
// with fixed words: a squash takes the text for the commit's message, in which a line may be a trailer.
func (p proposal) writeNotes(b *strings.Builder, old guard.Predecessor, room *int) {
	if p.bump.Notes == nil {
		return
	}
	i := slices.IndexFunc(p.bump.Notes.Ranges, func(r notes.Range) bool { return r.Base == old.SHA && r.Head == old.Ours })
	if i < 0 {
		return
	}
	var words notes.Words
	r := p.bump.Notes.Ranges[i]
	b.WriteString("\n" + escape.PullRequest(old.Names()+": "+words.Count(r)) + "\n")
	writeSide(b, r.Brings, room)
	if r.GoesBothWays() {
		b.WriteString("\n**" + words.TakesBack() + "**\n")
	}
	writeSide(b, r.TakesBack, room)
}

func writeSide(b *strings.Builder, s notes.Side, room *int) {
	var words notes.Words
	shown, all := 0, len(s.All())
	full := false
	for _, g := range s.Groups {
		heading := "\n" + words.Category(g.Category) + "\n\n"
		for _, c := range g.Changes {
			line := heading + changeItem(c) + "\n"
			if full = full || shown == maxChanges || len(line) > *room; full {
				break
			}
			b.WriteString(line)
			*room -= len(line)
			heading, shown = "", shown+1
		}
	}
	if rest := all - shown; rest > 0 {
		b.WriteString("\n" + words.More(rest) + "\n")
	}
	if omitted := words.Omitted(s); omitted != "" {
		b.WriteString("\n" + omitted + "\n")
	}
}

func changeItem(c notes.Change) string {
	var pieces [][2]string
	for _, s := range c.Segments() {
		pieces = append(pieces, [2]string{s.Text, s.URL})
	}
	item := "- " + escape.MarkdownLink(escape.MarkdownCode(escape.Commit(c.Name())), c.Page()) + " " + escape.PullRequestLinked(pieces...)
	if c.Author != "" {
		item += " (" + escape.PullRequest(c.Author) + ")"
	}
	return item
}
