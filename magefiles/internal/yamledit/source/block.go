package source

import (
	"errors"
	"strings"
)

// block is a literal or folded scalar in the text (YAML 1.2, 8.1).
type block struct {
	chomping int    // offset of + or - in the header, or -1
	indent   string // white space before each line of the content
	content  Span   // from the start of the first line below the header to the end of the last line with text
}

// ReplaceBlock makes value the one line of content of the block scalar at at, and removes its final line break from what it
// reads as.
func (t *Text) ReplaceBlock(at int, value string) ([]Replacement, error) {
	if strings.ContainsFunc(value, IsInvisible) || strings.TrimSpace(value) != value {
		return nil, errors.New("the new value would not stay as it is in a block scalar (| or >)")
	}
	b, err := t.findBlock(at)
	if err != nil {
		return nil, err
	}
	body := Replacement{Span: b.content, Text: b.indent + value}
	switch {
	case b.chomping < 0:
		return []Replacement{{Span: Span{at + 1, at + 1}, Text: "-"}, body}, nil
	case t.doc[b.chomping] == '+':
		return []Replacement{{Span: Span{b.chomping, b.chomping + 1}, Text: "-"}, body}, nil
	default:
		return []Replacement{body}, nil
	}
}

// findBlock finds the parts of the block scalar whose | or > is at at.
func (t *Text) findBlock(at int) (block, error) {
	b := block{chomping: -1}
	header := t.lineEnd(at)
	for i := at + 1; i < header && !isBlank(t.doc[i]); i++ {
		switch t.doc[i] {
		case '+', '-':
			b.chomping = i
		default:
			return b, errors.New("a block scalar (| or >) with an indentation indicator is not supported")
		}
	}
	first := t.LineAt(at) + 1
	line := first
	for line <= len(t.lines) && b.takeLine(t.Line(line), t.lines[line-1]) {
		line++
	}
	if b.indent == "" {
		return b, errors.New("the block scalar (| or >) is empty")
	}
	b.content.Start = t.lines[first-1]
	return b, nil
}

// takeLine adds a line of the text, which starts at offset, to the block; false says that the line stands below the block.
// An empty line belongs to the content only when content follows.
func (b *block) takeLine(line string, offset int) bool {
	indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
	switch {
	case indent == line && len(line) <= len(b.indent), indent == line && b.indent == "":
		return true
	case indent == "" || !strings.HasPrefix(indent, b.indent):
		return false
	case b.indent == "":
		b.indent = indent
	}
	b.content.End = offset + len(line)
	return true
}

// ReplaceInside writes replacements of a text over the literal block at at that reads as this text, which has a line of the
// block for each of its own.
func (t *Text) ReplaceInside(at int, text string, inner []Replacement) ([]Replacement, error) {
	b, err := t.findBlock(at)
	if err != nil {
		return nil, err
	}
	first := t.LineAt(at) + 1
	all := make([]Replacement, len(inner))
	for i, r := range inner {
		if strings.ContainsAny(text[r.Start:r.End]+r.Text, "\r\n") {
			return nil, errors.New("a value in the text of the block has several lines")
		}
		line := first + strings.Count(text[:r.Start], "\n")
		start := t.lines[line-1] + len(b.indent) + r.Start - (strings.LastIndexByte(text[:r.Start], '\n') + 1)
		all[i] = Replacement{Span: Span{start, start + r.End - r.Start}, Text: r.Text}
	}
	return all, nil
}
