package progress

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xiilab/astrago-ci/magefiles/internal/terminal"
)

// screen is a terminal of so many columns and rows as far as the display uses one: it wraps and scrolls, and knows the
// control sequences (ECMA-48) for cursor up, erasing and colour.
type screen struct {
	columns, rows int
	lines         []string // of the screen and above it
	line          int      // where the cursor is
	scrolled      int      // lines above the screen
}

func newScreen(columns, rows int) *screen {
	return &screen{columns: columns, rows: rows, lines: []string{""}}
}

// Write implements io.Writer. A display always writes whole rows from the first column.
func (s *screen) Write(p []byte) (int, error) {
	text := string(p)
	for text != "" {
		switch {
		case strings.HasPrefix(text, "\x1b["):
			end := strings.IndexFunc(text[2:], func(r rune) bool { return r >= 0x40 }) + 2
			s.control(text[end], text[2:end])
			text = text[end+1:]
		case text[0] == '\r':
			s.lines[s.line], text = "", text[1:]
		case text[0] == '\n':
			s.down()
			text = text[1:]
		default:
			r, _ := utf8.DecodeRuneInString(text)
			if terminal.Columns(s.lines[s.line]+string(r)) > s.columns {
				s.down()
				s.lines[s.line] = ""
			}
			s.lines[s.line] += string(r)
			text = text[len(string(r)):]
		}
	}
	return len(p), nil
}

func (s *screen) down() {
	s.line++
	if s.line == len(s.lines) {
		s.lines = append(s.lines, "")
	}
	s.scrolled = max(s.scrolled, s.line-s.rows+1)
}

func (s *screen) control(final byte, parameter string) {
	switch final {
	case 'A':
		n, _ := strconv.Atoi(parameter)
		s.line = max(s.scrolled, s.line-n)
	case 'J':
		s.lines = s.lines[:s.line+1]
		s.lines[s.line] = ""
	}
}

// resize makes the terminal narrower or wider, which rewraps its content.
func (s *screen) resize(columns int) {
	lines := s.lines
	s.columns, s.lines, s.line, s.scrolled = columns, []string{""}, 0, 0
	for i, line := range lines {
		if i > 0 {
			s.down()
		}
		_, _ = s.Write([]byte(line))
	}
}

func (s *screen) String() string {
	var b strings.Builder
	for _, line := range s.lines {
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}
