package source

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	yaml "go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/excerpt"
)

// snippetLength is the number of characters of a snippet; keys may be long.
const snippetLength = 120

// Place points at value, the value of key, or at key alone where value is nil. key may be nil too. The snippet shows the
// key, and of the value no more than its length: it may be a credential, or hold one.
func (t *Text) Place(key, value *yaml.Node) problem.Place {
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
		words = append(words, t.firstLineOf(key)+":")
	}
	if value != nil {
		words = append(words, t.outline(value))
	}
	text := strings.TrimSpace(strings.Join(words, " "))
	if value == nil {
		text = strings.TrimSuffix(text, ":")
	}
	if utf8.RuneCountInString(text) > snippetLength {
		text = string([]rune(text)[:snippetLength]) + "…"
	}
	if text != "" {
		place.Snippet = fmt.Sprintf("  > %d | %s", at.Line, text)
	}
	return place
}

// outline returns the part of a node that may be shown: of a string its length, of a scalar whose tag is written or a type of its own the
// tag and the length, else the first line.
func (t *Text) outline(n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode && n.Tag == StringTag {
		return "(" + excerpt.Characters(utf8.RuneCountInString(n.Value)) + ")"
	}
	if n.Kind == yaml.ScalarNode && (!isPlainType(n.Tag) || n.Style&yaml.TaggedStyle != 0) {
		return n.Tag + " (" + excerpt.Characters(utf8.RuneCountInString(n.Value)) + ")"
	}
	return t.firstLineOf(n)
}

// isPlainType reports whether a tag is one of YAML's own types other than text, whose values are no secrets.
func isPlainType(tag string) bool {
	return slices.Contains([]string{NullTag, "!!int", "!!float", "!!bool", "!!timestamp"}, tag)
}

// firstLineOf is the first line of what is written of a node.
func (t *Text) firstLineOf(n *yaml.Node) string {
	from, to := t.Start(n), t.endOfNode(n)
	if from < 0 || to < from {
		return ""
	}
	return strings.TrimSpace(string(t.doc[from:min(to, t.lineEnd(from))]))
}

// PlaceOfCollection points at the key of a map or list n, since its contents begin below.
func (t *Text) PlaceOfCollection(key, n *yaml.Node) problem.Place {
	if key != nil {
		return t.Place(key, nil)
	}
	return t.Place(nil, n)
}

// endOfNode returns the offset at which the text of n ends as far as a snippet shows it, or -1.
func (t *Text) endOfNode(n *yaml.Node) int {
	at := t.Start(n)
	if at < 0 {
		return -1
	}
	switch n.Kind {
	case yaml.ScalarNode:
		if found, err := t.Scalar(n); err == nil {
			return found.End
		}
		return at
	case yaml.AliasNode:
		return at + len("*") + len(n.Value)
	default:
		if t.IsTemplate(n) {
			if i := strings.Index(string(t.doc[at:t.lineEnd(at)]), "}}"); i >= 0 {
				return at + i + len("}}")
			}
		}
		return at
	}
}

// Line is the text of a line, "" for one that does not exist.
func (t *Text) Line(number int) string {
	if number < 1 || number > len(t.lines) {
		return ""
	}
	from := t.lines[number-1]
	return string(t.doc[from:t.lineEnd(from)])
}
