package escape

import (
	"strings"
	"unicode/utf8"
)

// longestSequence bounds how much of a stream may be one escape sequence, in bytes.
const longestSequence = 4096

// Stream makes the output of commands and build steps harmless, however it is cut into pieces: escape sequences (colours,
// cursor, titles, links) are left out, other control characters become visible; line breaks, carriage returns and tabs
// stay. It belongs to one goroutine. The zero value is ready.
type Stream struct {
	waiting string // an escape sequence or a character that is not whole yet
}

// Next returns what is whole; the rest waits.
func (s *Stream) Next(text string) string { return s.pass(text, false) }

// End returns what waits.
func (s *Stream) End() string { return s.pass("", true) }

func (s *Stream) pass(text string, end bool) string {
	text, s.waiting = s.waiting+text, ""
	var b strings.Builder
	for i := 0; i < len(text); {
		rest := text[i:]
		length, open := sequenceLength(rest)
		if (open || !utf8.FullRuneInString(rest)) && !end && len(rest) < longestSequence {
			s.waiting = rest
			break
		}
		if length > 0 {
			i += length
			continue
		}
		r, size := utf8.DecodeRuneInString(rest)
		if r != '\n' && r != '\r' && r != '\t' {
			r = visibleRune(r)
		}
		b.WriteRune(r)
		i += size
	}
	return b.String()
}

// sequenceLength returns the length of the escape sequence at the start of s, 0 where there is none, and whether one begins that
// is not whole (ECMA-48: CSI; strings such as OSC, which BEL or ST ends; others of ESC and one more character).
func sequenceLength(s string) (length int, open bool) {
	if s[0] != 0x1b {
		return 0, false
	}
	if len(s) == 1 {
		return 0, true
	}
	switch s[1] {
	case '[':
		return finalByte(s, 2, 0x20, 0x40)
	case ']', 'P', 'X', '^', '_':
		return controlString(s)
	}
	return finalByte(s, 1, 0x20, 0x30)
}

// finalByte finds the character that ends a sequence, from is the lowest that may; those before it are from lowest on.
func finalByte(s string, at int, lowest, from byte) (length int, open bool) {
	for i := at; i < len(s); i++ {
		switch c := s[i]; {
		case c >= from && c <= 0x7e:
			return i + 1, false
		case c < lowest || c > 0x7e:
			return 0, false
		}
	}
	return 0, true
}

func controlString(s string) (length int, open bool) {
	for i := 2; i < len(s); i++ {
		switch {
		case s[i] == 0x07:
			return i + 1, false
		case s[i] == 0x1b && i+1 == len(s):
			return 0, true
		case s[i] == 0x1b && s[i+1] == '\\':
			return i + 2, false
		case s[i] == 0x1b, s[i] == '\n', s[i] == '\r': // it was none, or is to hide what follows
			return 0, false
		}
	}
	return 0, true
}
