package values

import (
	"fmt"
	"strings"
	"unicode/utf8"

	yaml "go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// longest is the number of characters of a snippet; values may be certificates.
const longest = 120

// place points at value, the value of key, or at key alone where value is nil. key may be nil too. The snippet shows the
// key and the scalar and no more of the line: a flow map may hold credentials beside them.
func (s *source) place(key, value *yaml.Node) problem.Place {
	at := value
	if at == nil {
		at = key
	}
	if at == nil {
		return problem.Place{}
	}
	place := problem.Place{Line: at.Line, Column: at.Column}
	from, to := s.start(at), s.end(at)
	if key != nil && key.Line == at.Line {
		from = s.start(key)
	}
	if from < 0 || to < from {
		return place
	}
	text := string(s.doc[from:min(to, s.lineEnd(from))])
	if utf8.RuneCountInString(text) > longest {
		text = string([]rune(text)[:longest]) + "…"
	}
	if text = strings.TrimSpace(text); text != "" {
		place.Snippet = fmt.Sprintf("  > %d | %s", at.Line, text)
	}
	return place
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
