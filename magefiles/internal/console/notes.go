package console

import (
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/notes"
)

// Notes shows what a deployment brings.
func (c *Console) Notes(n notes.Notes) { c.printLines(notesView{layout: c.layout}.notesLines(&n)...) }

// notesView renders notes.
type notesView struct {
	layout
	words notes.Words
	most  int // changes of a side that are shown; zero is all
}

// mostClosing is the number of changes of each side that are shown at the end of a run.
const mostClosing = 20

func (v notesView) notesLines(n *notes.Notes) []string {
	if n.IsEmpty() {
		return []string{v.words.Nothing()}
	}
	var lines []string
	for i, r := range n.Ranges {
		if i > 0 {
			lines = append(lines, "")
		}
		lines = append(lines, v.rangeLines(r)...)
	}
	return lines
}

func (v notesView) rangeLines(r notes.Range) []string {
	title := v.style.bold(escape.Line(r.Names()))
	if span := escape.Line(r.Span()); span != "" {
		title += " " + v.style.cyan(span)
	}
	count := escape.Line(v.words.Count(r))
	if r.Relation != notes.Ahead && r.Relation != notes.Identical {
		count = v.style.yellow(count)
	}
	lines := []string{title + " " + count}
	if r.URL != "" {
		lines = append(lines, "  "+v.style.cyan(escape.Line(r.URL)))
	}
	lines = append(lines, v.sideLines(r.Brings)...)
	if r.GoesBothWays() {
		lines = append(lines, "  "+v.style.yellow(v.words.TakesBack()))
	}
	return append(lines, v.sideLines(r.TakesBack)...)
}

func (v notesView) sideLines(s notes.Side) []string {
	var lines []string
	shown, all := 0, len(s.All())
	for _, g := range s.Groups {
		if v.most > 0 && shown == v.most {
			break
		}
		lines = append(lines, "  "+v.style.bold(v.words.Category(g.Category)))
		for _, c := range g.Changes {
			if v.most > 0 && shown == v.most {
				break
			}
			lines = append(lines, v.changeLine(c))
			shown++
		}
	}
	if rest := all - shown; rest > 0 {
		lines = append(lines, "    "+v.style.dim(v.words.More(rest)))
	}
	if omitted := v.words.Omitted(s); omitted != "" {
		lines = append(lines, "    "+v.style.dim(omitted))
	}
	return lines
}

// changeLine shows keys of issues as they are: a terminal has no links that can be trusted.
func (v notesView) changeLine(c notes.Change) string {
	var line strings.Builder
	line.WriteString("    " + v.style.cyan(escape.Line(c.Name())) + " ")
	for _, s := range c.Segments() {
		line.WriteString(escape.Line(s.Text))
	}
	if c.Author != "" {
		line.WriteString(v.style.dim(" (" + escape.Line(c.Author) + ")"))
	}
	return line.String()
}
