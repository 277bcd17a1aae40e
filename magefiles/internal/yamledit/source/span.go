package source

import (
	"bytes"
	"errors"

	yaml "go.yaml.in/yaml/v4"
)

// Span is a range of bytes of the file.
type Span struct{ Start, End int }

var errNotFound = errors.New("the scalar is not at the position that the YAML reader reports")

// Scalar finds the text of a scalar, with its quotes and without its anchor and tag. A block scalar's span is its
// header line.
func (t *Text) Scalar(n *yaml.Node) (Span, error) {
	at := t.Start(n)
	if at < 0 {
		return Span{}, errNotFound
	}
	if n.Anchor != "" || n.Style&yaml.TaggedStyle != 0 {
		at = t.skipProperties(at)
	}
	var end int
	switch {
	case n.Style&yaml.DoubleQuotedStyle != 0:
		end = t.endOfQuoted(at, '"')
	case n.Style&yaml.SingleQuotedStyle != 0:
		end = t.endOfQuoted(at, '\'')
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		end = t.lineEnd(at)
	default:
		end = t.endOfPlain(at, n.Value)
	}
	if end < 0 {
		return Span{}, errNotFound
	}
	return Span{Start: at, End: end}, nil
}

// skipProperties is the offset of what follows the anchor and tag at at: on the same line or, past comments, below.
func (t *Text) skipProperties(at int) int {
	for at >= 0 && at < len(t.doc) {
		switch c := t.doc[at]; {
		case c == '&' || c == '!':
			for at < len(t.doc) && !isBlank(t.doc[at]) && breakLen(t.doc[at:]) == 0 {
				at++
			}
		case isBlank(c):
			at++
		case c == '#':
			at = t.lineEnd(at)
		case breakLen(t.doc[at:]) > 0:
			at += breakLen(t.doc[at:])
		default:
			return at
		}
	}
	return at
}

// endOfQuoted is the offset behind the quoted scalar at at, or -1.
func (t *Text) endOfQuoted(at int, quote byte) int {
	if at >= len(t.doc) || t.doc[at] != quote {
		return -1
	}
	for i := at + 1; i < len(t.doc); i++ {
		switch {
		case t.doc[i] == '\\' && quote == '"':
			i++
		case t.doc[i] != quote:
		case quote == '\'' && i+1 < len(t.doc) && t.doc[i+1] == quote:
			i++
		default:
			return i + 1
		}
	}
	return -1
}

// endOfPlain is the offset behind the plain scalar at at that reads as value, or -1. Plain text stands for itself, except
// that a line break in it reads as a space, and n+1 of them as n line breaks (YAML 1.2, 6.5 line folding).
func (t *Text) endOfPlain(at int, value string) int {
	if value == "" {
		return -1
	}
	if bytes.HasPrefix(t.doc[at:], []byte(value)) {
		return at + len(value)
	}
	for i := 0; i < len(value); {
		if at >= len(t.doc) {
			return -1
		}
		blanks, breaks := t.blankRun(at)
		if breaks == 0 {
			if t.doc[at] != value[i] {
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
func (t *Text) blankRun(at int) (length, breaks int) {
	for i := at; i < len(t.doc); {
		n := breakLen(t.doc[i:])
		if n == 0 && !isBlank(t.doc[i]) {
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
