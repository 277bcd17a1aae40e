package redact

import "strings"

// Stream masks secrets in text that arrives in pieces, however it is cut. It belongs to one goroutine. What may be the
// start of a secret waits for the next piece.
type Stream struct {
	known   func() *patterns
	hidden  int    // bytes, from here on, that belong to a secret that began before
	masked  bool   // its mask is written
	waiting string // what may be the start of a secret
}

// Stream returns a stream that masks all that the Redactor knows, also what it learns later.
func (r *Redactor) Stream() *Stream { return &Stream{known: r.allPatterns} }

// Next returns the masked text that is safe to show once more of the stream has arrived.
func (s *Stream) Next(text string) string { return s.scan(text, false) }

// End returns what waits. The stream may go on after it, but a secret that was cut there is not recognised.
func (s *Stream) End() string { return s.scan("", true) }

// scan masks; overlapping and touching secrets become one mask.
func (s *Stream) scan(text string, end bool) string {
	var b strings.Builder
	known := s.known()
	text, s.waiting = s.waiting+text, ""
	plain := 0 // start of the text that is not written yet
	for i := range len(text) {
		length, open := known.longestMatch(text[i:])
		if open && !end {
			b.WriteString(text[plain:i])
			s.waiting = text[i:]
			return b.String()
		}
		s.hidden = max(s.hidden, length)
		if s.hidden == 0 {
			s.masked = false
			continue
		}
		if !s.masked {
			b.WriteString(text[plain:i] + mask)
			s.masked = true
		}
		s.hidden--
		plain = i + 1
	}
	b.WriteString(text[plain:])
	return b.String()
}
