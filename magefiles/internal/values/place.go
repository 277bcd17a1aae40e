package values

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	yaml "go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// longest is the number of characters of a snippet; keys may be long.
const longest = 120

// place points at value, the value of key, or at key alone where value is nil. key may be nil too. The snippet shows the
// key, and of the value no more than its length: it may be a credential, or hold one.
func (s *source) place(key, value *yaml.Node) problem.Place {
	at := value
	if at == nil {
		at = key
	}
	if at == nil {
		return problem.Place{}
	}
	place := problem.Place{Line: at.Line, Column: at.Column}
	var words []string
	if key != nil && key.Line == at.Line {
		words = append(words, s.text(key)+":")
	}
	if value != nil {
		words = append(words, s.outline(value))
	}
	text := strings.TrimSpace(strings.Join(words, " "))
	if value == nil {
		text = strings.TrimSuffix(text, ":")
	}
	if utf8.RuneCountInString(text) > longest {
		text = string([]rune(text)[:longest]) + "…"
	}
	if text != "" {
		place.Snippet = fmt.Sprintf("  > %d | %s", at.Line, text)
	}
	return place
}

// outline is what may be seen of a node: all of what is no string, an alias and a template, and of a string its length.
func (s *source) outline(n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode && n.Tag == stringTag {
		return "(" + characters(n.Value) + ")"
	}
	if n.Kind == yaml.ScalarNode && !isPlainType(n.Tag) {
		return n.Tag + " (" + characters(n.Value) + ")"
	}
	return s.text(n)
}

// isPlainType reports whether a tag is one of YAML's own types other than text, whose values are no secrets.
func isPlainType(tag string) bool {
	return slices.Contains([]string{nullTag, "!!int", "!!float", "!!bool", "!!timestamp"}, tag)
}

// text is the first line of what is written of a node.
func (s *source) text(n *yaml.Node) string {
	from, to := s.start(n), s.end(n)
	if from < 0 || to < from {
		return ""
	}
	return strings.TrimSpace(string(s.doc[from:min(to, s.lineEnd(from))]))
}

// placeOfCollection points at the key of a map or list, since its contents begin below.
func (s *source) placeOfCollection(where trail, n *yaml.Node) problem.Place {
	if where.key() != nil {
		return s.place(where.key(), nil)
	}
	return s.place(nil, n)
}

// end is where the text of n ends as far as a snippet shows it, or -1.
func (s *source) end(n *yaml.Node) int {
	at := s.start(n)
	if at < 0 {
		return -1
	}
	switch n.Kind {
	case yaml.ScalarNode:
		if found, err := s.scalar(n); err == nil {
			return found.end
		}
		return at
	case yaml.AliasNode:
		return at + len("*") + len(n.Value)
	default:
		if isTemplate(s, n) {
			if i := strings.Index(string(s.doc[at:s.lineEnd(at)]), "}}"); i >= 0 {
				return at + i + len("}}")
			}
		}
		return at
	}
}

// line is the text of a line, "" for one that does not exist.
func (s *source) line(number int) string {
	if number < 1 || number > len(s.lines) {
		return ""
	}
	from := s.lines[number-1]
	return string(s.doc[from:s.lineEnd(from)])
}
