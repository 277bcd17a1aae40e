package summary

import (
	"io"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/notes"
)

// WriteNotes writes what a deployment brings as markdown for the file of $GITHUB_STEP_SUMMARY, at most Limit bytes.
func WriteNotes(w io.Writer, n notes.Notes) error {
	m := &markdown{left: Limit}
	m.writeNotes(n, "## ")
	return m.writeTo(w)
}

func (m *markdown) writeNotes(n notes.Notes, mark string) {
	var words notes.Words
	title := mark + words.Heading() + ": " + escape.Markdown(strings.TrimSpace(n.Service+" in "+n.Environment))
	if n.IsEmpty() {
		m.block(title+"\n\n", []string{words.Nothing()}, "")
		return
	}
	m.block("", []string{title}, "")
	for _, r := range n.Ranges {
		head := "**" + escape.Markdown(r.Names()) + "** "
		if span := r.Span(); span != "" {
			head += escape.MarkdownLink(escape.MarkdownCode(span), r.URL) + " "
		}
		m.block("", []string{head + escape.Markdown(words.Count(r))}, "")
		m.writeSide(r.Brings)
		if r.GoesBothWays() {
			m.block("", []string{"**" + words.TakesBack() + "**"}, "")
		}
		m.writeSide(r.TakesBack)
	}
}

func (m *markdown) writeSide(s notes.Side) {
	var words notes.Words
	for _, g := range s.Groups {
		lines := make([]string, len(g.Changes))
		for i, c := range g.Changes {
			lines[i] = changeItem(c)
		}
		m.block(words.Category(g.Category)+"\n\n", lines, "")
	}
	if omitted := words.Omitted(s); omitted != "" {
		m.block("", []string{omitted}, "")
	}
}

func changeItem(c notes.Change) string {
	item := "- " + escape.MarkdownLink(escape.MarkdownCode(c.Name()), c.Page()) + " " + escape.MarkdownLinked(pieces(c)...)
	if c.Author != "" {
		item += " (" + escape.Markdown(c.Author) + ")"
	}
	return item
}

func pieces(c notes.Change) [][2]string {
	var all [][2]string
	for _, s := range c.Segments() {
		all = append(all, [2]string{s.Text, s.URL})
	}
	return all
}
