package source

import (
	"errors"
	"strings"

	yaml "go.yaml.in/yaml/v4"
)

var errNoEnd = errors.New("the end of the map was not found")

// Insert writes a key and its value below the last entry of a map, with the indentation of its keys and the quotes of its
// last string. It also returns the line before which they go.
func (t *Text) Insert(parent *yaml.Node, key, value string) (r Replacement, line int, err error) {
	entries := parent.Content
	first, last := entries[0], len(entries)-2
	end := t.endOf(entries[last], entries[last+1])
	if end < 0 {
		return Replacement{}, 0, errNoEnd
	}
	end = t.lineEnd(end)
	var style yaml.Style
	for i := 1; i < len(entries); i += 2 {
		if entries[i].Kind == yaml.ScalarNode && entries[i].Tag == StringTag {
			style = entries[i].Style
		}
	}
	text := t.breakAt(end) + strings.Repeat(" ", first.Column-1) +
		Render(key, first.Style, false) + ": " + Render(value, style, false)
	return Replacement{Span: Span{end, end}, Text: text}, t.LineAt(end) + 1, nil
}

// breakAt is the line break at offset or, on a last line without one, that of the line before.
func (t *Text) breakAt(offset int) string {
	if offset < len(t.doc) {
		return string(t.doc[offset : offset+breakLen(t.doc[offset:])])
	}
	if line := t.LineAt(offset); line > 1 {
		before := t.lineEnd(t.lines[line-2])
		return string(t.doc[before:t.lines[line-1]])
	}
	return "\n"
}

// endOf is the offset behind the text of an entry of a map (key is nil for an item of a list), or -1.
func (t *Text) endOf(key, n *yaml.Node) int {
	switch {
	case n.Kind == yaml.AliasNode:
		return t.endOfNode(n)
	case n.Kind != yaml.ScalarNode:
		return t.endOfCollection(n)
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		found, err := t.Scalar(n)
		if err != nil {
			return -1
		}
		b, err := t.findBlock(found.Start)
		if err != nil {
			return -1
		}
		return b.content.End
	}
	if n.Value == "" && n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) == 0 {
		n = key // nothing is written
	}
	if n == nil {
		return -1
	}
	found, err := t.Scalar(n)
	if err != nil {
		return -1
	}
	return found.End
}

// endOfCollection is the offset behind the last entry of n and, in flow style, behind its bracket; or -1.
func (t *Text) endOfCollection(n *yaml.Node) int {
	end := t.endOfEntries(n)
	if n.Style&yaml.FlowStyle == 0 || end < 0 {
		return end
	}
	return t.behindBracket(end)
}

// endOfEntries is the offset behind the last entry of n, or behind the opening bracket of an empty one; or -1.
func (t *Text) endOfEntries(n *yaml.Node) int {
	entries := n.Content
	switch {
	case len(entries) == 0: // {} or []
		end := t.skipProperties(t.Start(n))
		if end >= 0 {
			end++
		}
		return end
	case n.Kind == yaml.MappingNode:
		return t.endOf(entries[len(entries)-2], entries[len(entries)-1])
	}
	return t.endOf(nil, entries[len(entries)-1])
}

// behindBracket is the offset behind the closing bracket that follows end, with nothing but blanks between; or -1.
func (t *Text) behindBracket(end int) int {
	for end < len(t.doc) {
		switch c := t.doc[end]; {
		case c == '}' || c == ']':
			return end + 1
		case c == '#':
			end = t.lineEnd(end)
		case c == ',' || c == ':' || isBlank(c):
			end++
		case breakLen(t.doc[end:]) > 0:
			end += breakLen(t.doc[end:])
		default:
			return -1
		}
	}
	return -1
}
