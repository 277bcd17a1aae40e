package values

import (
	"bytes"
	"unicode/utf8"

	yaml "go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// source is the text of a values file, where nodes are found by the positions that the YAML reader reports.
type source struct {
	doc   []byte
	lines []int // offset of the start of each line
	last  mark  // the last position found; nodes are mostly looked up in the order of the text
}

// mark ties a position of the YAML reader (line and column from 1, columns in characters) to a byte offset.
type mark struct{ line, column, offset int }

const byteOrderMark = "\uFEFF"

// newSource indexes the lines of doc, which must be UTF-8: positions of UTF-16 files count other units.
func newSource(doc []byte) (*source, error) {
	s := &source{doc: doc, lines: []int{0}}
	if bytes.HasPrefix(doc, []byte(byteOrderMark)) {
		s.lines[0] = len(byteOrderMark) // the reader counts columns from behind it
	}
	for i := s.lines[0]; i < len(doc); {
		if n := breakLen(doc[i:]); n > 0 {
			i += n
			s.lines = append(s.lines, i)
			continue
		}
		i++
	}
	if bad := invalid(doc); bad >= 0 {
		line := s.lineAt(bad)
		return nil, problem.New(problem.Refused, "save the file as UTF-8",
			"reading the file: line %d is not valid UTF-8", line).At(problem.Place{Line: line})
	}
	return s, nil
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

// invalid is the offset of the first byte that is not UTF-8, or -1.
func invalid(doc []byte) int {
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

// start is the offset at which n begins, with its tag and anchor, or -1 for a position that the text does not have.
func (s *source) start(n *yaml.Node) int {
	if n.Line < 1 || n.Line > len(s.lines) || n.Column < 1 {
		return -1
	}
	at := mark{line: n.Line, column: 1, offset: s.lines[n.Line-1]}
	if s.last.line == n.Line && s.last.column <= n.Column {
		at = s.last // a minified file is one line: do not walk it from its start for every scalar
	}
	for at.column < n.Column && at.offset < len(s.doc) {
		_, size := utf8.DecodeRune(s.doc[at.offset:])
		at.offset += size
		at.column++
	}
	if at.column < n.Column {
		return -1
	}
	s.last = at
	return at.offset
}

// lineAt is the number of the line that holds offset.
func (s *source) lineAt(offset int) int {
	low, high := 0, len(s.lines)
	for high-low > 1 {
		if middle := (low + high) / 2; s.lines[middle] <= offset {
			low = middle
		} else {
			high = middle
		}
	}
	return low + 1
}

// lineEnd is the offset of the line break behind offset, or of the end of the text.
func (s *source) lineEnd(offset int) int {
	for offset < len(s.doc) && breakLen(s.doc[offset:]) == 0 {
		offset++
	}
	return offset
}
