// Package source is the text of a values file: where its nodes stand, and what to write over which bytes.
package source

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	yaml "go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Text is the text of a values file, where nodes are found by the positions that the YAML reader reports.
type Text struct {
	doc   []byte
	lines []int        // offset of the start of each line
	last  textPosition // the last position found; nodes are mostly looked up in the order of the text
}

// textPosition ties a position of the YAML reader (line and column from 1, columns in characters) to a byte offset.
type textPosition struct{ line, column, offset int }

const byteOrderMark = "\uFEFF"

// New indexes the lines of doc, which must be UTF-8: positions of UTF-16 files count other units.
func New(doc []byte) (*Text, error) {
	t := &Text{doc: doc, lines: []int{0}}
	if bytes.HasPrefix(doc, []byte(byteOrderMark)) {
		t.lines[0] = len(byteOrderMark) // the reader counts columns from behind it
	}
	for i := t.lines[0]; i < len(doc); {
		if n := breakLen(doc[i:]); n > 0 {
			i += n
			t.lines = append(t.lines, i)
			continue
		}
		i++
	}
	if bad := firstInvalid(doc); bad >= 0 {
		line := t.LineAt(bad)
		return nil, problem.New(problem.Refused, "save the file as UTF-8",
			"reading the file: line %d is not valid UTF-8", line).At(problem.Place{Line: line})
	}
	return t, nil
}

// breakLen is the length of the line break that text starts with, or 0. go-yaml ends lines as YAML 1.1 does: also at
// NEL, LS and PS (https://yaml.org/spec/1.1/#id871136).
func breakLen(text []byte) int {
	switch text[0] {
	case '\n':
		return 1
	case '\r':
		if len(text) > 1 && text[1] == '\n' {
			return 2
		}
		return 1
	case 0xC2:
		if len(text) > 1 && text[1] == 0x85 {
			return 2
		}
	case 0xE2:
		if len(text) > 2 && text[1] == 0x80 && (text[2] == 0xA8 || text[2] == 0xA9) {
			return 3
		}
	}
	return 0
}

// firstInvalid is the offset of the first byte that is not UTF-8, or -1.
func firstInvalid(doc []byte) int {
	if utf8.Valid(doc) {
		return -1
	}
	for i := 0; i < len(doc); {
		r, n := utf8.DecodeRune(doc[i:])
		if r == utf8.RuneError && n <= 1 {
			return i
		}
		i += n
	}
	return -1
}

// Start is the offset at which n begins, with its tag and anchor, or -1 for a position that the text does not have.
func (t *Text) Start(n *yaml.Node) int {
	if n.Line < 1 || n.Line > len(t.lines) || n.Column < 1 {
		return -1
	}
	at := textPosition{line: n.Line, column: 1, offset: t.lines[n.Line-1]}
	if t.last.line == n.Line && t.last.column <= n.Column {
		at = t.last // a minified file is one line: do not walk it from its start for every scalar
	}
	for at.column < n.Column && at.offset < len(t.doc) {
		_, size := utf8.DecodeRune(t.doc[at.offset:])
		at.offset += size
		at.column++
	}
	if at.column < n.Column {
		return -1
	}
	t.last = at
	return at.offset
}

// LineAt is the number of the line that holds offset.
func (t *Text) LineAt(offset int) int {
	low, high := 0, len(t.lines)
	for high-low > 1 {
		if middle := (low + high) / 2; t.lines[middle] <= offset {
			low = middle
		} else {
			high = middle
		}
	}
	return low + 1
}

// lineEnd is the offset of the line break behind offset, or of the end of the text.
func (t *Text) lineEnd(offset int) int {
	for offset < len(t.doc) && breakLen(t.doc[offset:]) == 0 {
		offset++
	}
	return offset
}

// Bytes are the text itself.
func (t *Text) Bytes() []byte { return t.doc }

// The tags of strings and of null, in the short form that go-yaml and yq use.
const (
	StringTag = "!!str"
	NullTag   = "!!null"
)

// IsInvisible reports whether r is a control character, a line break that only YAML 1.1 knows, or a byte order mark.
func IsInvisible(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == '\uFEFF' || r == '\uFFFE' || r == '\uFFFF'
}

// IsTemplate reports whether n is `{{ … }}`: a flow map whose key is a flow map.
func (t *Text) IsTemplate(n *yaml.Node) bool {
	if n.Kind != yaml.MappingNode || n.Style&yaml.FlowStyle == 0 || len(n.Content) == 0 || n.Content[0].Kind != yaml.MappingNode {
		return false
	}
	at := t.Start(n)
	return at >= 0 && bytes.HasPrefix(t.doc[at:], []byte("{{"))
}
