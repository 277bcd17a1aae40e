package values

import (
	"bytes"
	"errors"

	yaml "go.yaml.in/yaml/v4"
)

// span is a range of bytes of the file.
type span struct{ start, end int }

var errNotFound = errors.New("the scalar is not at the position that the YAML reader reports")

// scalar finds the text of a scalar, with its quotes and without its anchor and tag. A block scalar's span is its
// header line.
func (s *source) scalar(n *yaml.Node) (span, error) {
	at := s.start(n)
	if at < 0 {
		return span{}, errNotFound
	}
	if n.Anchor != "" || n.Style&yaml.TaggedStyle != 0 {
		at = s.skipProperties(at)
	}
	var end int
	switch {
	case n.Style&yaml.DoubleQuotedStyle != 0:
		end = s.quoted(at, '"')
	case n.Style&yaml.SingleQuotedStyle != 0:
		end = s.quoted(at, '\'')
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		end = s.lineEnd(at)
	default:
		end = s.plain(at, n.Value)
	}
	if end < 0 {
		return span{}, errNotFound
	}
	return span{start: at, end: end}, nil
}

// skipProperties is the offset of what follows the anchor and tag at at: on the same line or, past comments, below.
func (s *source) skipProperties(at int) int {
	for at >= 0 && at < len(s.doc) {
		switch c := s.doc[at]; {
		case c == '&' || c == '!':
			for at < len(s.doc) && !isBlank(s.doc[at]) && breakLen(s.doc[at:]) == 0 {
				at++
			}
		case isBlank(c):
			at++
		case c == '#':
			at = s.lineEnd(at)
		case breakLen(s.doc[at:]) > 0:
			at += breakLen(s.doc[at:])
		default:
			return at
		}
	}
	return at
}

// quoted is the offset behind the quoted scalar at at, or -1.
func (s *source) quoted(at int, quote byte) int {
	if at >= len(s.doc) || s.doc[at] != quote {
		return -1
	}
	for i := at + 1; i < len(s.doc); i++ {
		switch {
		case s.doc[i] == '\\' && quote == '"':
			i++
		case s.doc[i] != quote:
		case quote == '\'' && i+1 < len(s.doc) && s.doc[i+1] == quote:
			i++
		default:
			return i + 1
		}
	}
	return -1
}

// plain is the offset behind the plain scalar at at that reads as value, or -1. Plain text stands for itself, except
// that a line break in it reads as a space, and n+1 of them as n line breaks (YAML 1.2, 6.5 line folding).
func (s *source) plain(at int, value string) int {
	if value == "" {
		return -1
	}
	if bytes.HasPrefix(s.doc[at:], []byte(value)) {
		return at + len(value)
	}
	for i := 0; i < len(value); {
		if at >= len(s.doc) {
			return -1
		}
		blanks, breaks := s.blankRun(at)
		if breaks == 0 {
			if s.doc[at] != value[i] {
				return -1
			}
			at, i = at+1, i+1
			continue
		}
		folded := " "
		if breaks > 1 {
			folded = string(bytes.Repeat([]byte("\n"), breaks-1))
		}
		if !bytes.HasPrefix([]byte(value[i:]), []byte(folded)) {
			return -1
		}
		at, i = at+blanks, i+len(folded)
	}
	return at
}

// blankRun is the length of the white space at at, and the number of line breaks in it.
func (s *source) blankRun(at int) (length, breaks int) {
	for i := at; i < len(s.doc); {
		n := breakLen(s.doc[i:])
		if n == 0 && !isBlank(s.doc[i]) {
			break
		}
		if n > 0 {
			breaks++
		}
		i += max(n, 1)
		length = i - at
	}
	return length, breaks
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }
