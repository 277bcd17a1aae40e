package values

import (
	"errors"
	"strings"

	yaml "go.yaml.in/yaml/v4"
)

var errNoEnd = errors.New("the end of the map was not found")

// insert writes an addition below the last entry of its map, with the indentation of its keys and the quotes of its
// last string.
func (s *source) insert(a *addition) (replacement, error) {
	entries := a.parent.Content
	first, last := entries[0], len(entries)-2
	end := s.endOf(entries[last], entries[last+1])
	if end < 0 {
		return replacement{}, errNoEnd
	}
	end = s.lineEnd(end)
	a.line = s.lineAt(end) + 1
	var style yaml.Style
	for i := 1; i < len(entries); i += 2 {
		if entries[i].Kind == yaml.ScalarNode && entries[i].Tag == stringTag {
			style = entries[i].Style
		}
	}
	text := s.breakAt(end) + strings.Repeat(" ", first.Column-1) +
		render(a.key.Value, first.Style, false) + ": " + render(a.value.Value, style, false)
	return replacement{span: span{end, end}, text: text}, nil
}

// breakAt is the line break at offset or, on a last line without one, that of the line before.
func (s *source) breakAt(offset int) string {
	if offset < len(s.doc) {
		return string(s.doc[offset : offset+breakLen(s.doc[offset:])])
	}
	if line := s.lineAt(offset); line > 1 {
		before := s.lineEnd(s.lines[line-2])
		return string(s.doc[before:s.lines[line-1]])
	}
	return "\n"
}

// endOf is the offset behind the text of an entry of a map (key is nil for an item of a list), or -1.
func (s *source) endOf(key, n *yaml.Node) int {
	switch {
	case n.Kind == yaml.AliasNode:
		return s.end(n)
	case n.Kind != yaml.ScalarNode:
		return s.endOfCollection(n)
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		found, err := s.scalar(n)
		if err != nil {
			return -1
		}
		b, err := s.block(found.start)
		if err != nil {
			return -1
		}
		return b.content.end
	}
	if n.Value == "" && n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) == 0 {
		n = key // nothing is written
	}
	if n == nil {
		return -1
	}
	found, err := s.scalar(n)
	if err != nil {
		return -1
	}
	return found.end
}

// endOfCollection is the offset behind the last entry of n and, in flow style, behind its bracket; or -1.
func (s *source) endOfCollection(n *yaml.Node) int {
	end := s.endOfEntries(n)
	if n.Style&yaml.FlowStyle == 0 || end < 0 {
		return end
	}
	return s.behindBracket(end)
}

// endOfEntries is the offset behind the last entry of n, or behind the opening bracket of an empty one; or -1.
func (s *source) endOfEntries(n *yaml.Node) int {
	entries := n.Content
	switch {
	case len(entries) == 0: // {} or []
		end := s.skipProperties(s.start(n))
		if end >= 0 {
			end++
		}
		return end
	case n.Kind == yaml.MappingNode:
		return s.endOf(entries[len(entries)-2], entries[len(entries)-1])
	}
	return s.endOf(nil, entries[len(entries)-1])
}

// behindBracket is the offset behind the closing bracket that follows end, with nothing but blanks between; or -1.
func (s *source) behindBracket(end int) int {
	for end < len(s.doc) {
		switch c := s.doc[end]; {
		case c == '}' || c == ']':
			return end + 1
		case c == '#':
			end = s.lineEnd(end)
		case c == ',' || c == ':' || isBlank(c):
			end++
		case breakLen(s.doc[end:]) > 0:
			end += breakLen(s.doc[end:])
		default:
			return -1
		}
	}
	return -1
}
