package console

import (
	"io"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/terminal"
)

// screen writes whole lines, and redraws one in place. Its owner keeps calls apart.
type screen struct {
	w       io.Writer
	github  bool // no line acts on the runner
	width   int
	live    string // the line that is being redrawn, without colour; empty means none
	midLine bool   // a raw writer left the cursor inside a line
	used    bool   // something was written
}

// writeText writes whole lines of text, below whatever is there.
func (s *screen) writeText(lines ...string) {
	if s.github {
		for i, line := range lines {
			lines[i] = escape.Runner(line)
		}
	}
	s.writeLines(lines...)
}

// writeLines writes whole lines as they are.
func (s *screen) writeLines(lines ...string) {
	var b strings.Builder
	b.WriteString(s.erase())
	if s.midLine {
		b.WriteByte('\n')
		s.midLine = false
	}
	for _, line := range lines {
		b.WriteString(line + "\n")
	}
	s.used = true
	_, _ = io.WriteString(s.w, b.String()) // one write a call, so that lines of two processes do not mix
}

// writeRaw passes on output that need not end with its line, below the live line.
func (s *screen) writeRaw(p []byte) (int, error) {
	if s.live != "" {
		s.writeLines(s.live)
	}
	s.midLine = p[len(p)-1] != '\n'
	return s.w.Write(p)
}

// redraw replaces the live line. It is cut to the terminal, because a line that wraps cannot be taken back.
func (s *screen) redraw(text string) {
	if s.midLine {
		s.writeLines()
	}
	text = terminal.Clip(text, s.width-1)
	rest := strings.Repeat(" ", max(0, terminal.Columns(s.live)-terminal.Columns(text)))
	_, _ = io.WriteString(s.w, "\r"+text+rest+strings.Repeat("\b", len(rest)))
	s.live = text
}

// erase returns what takes the live line back, with spaces rather than an escape sequence.
func (s *screen) erase() string {
	if s.live == "" {
		return ""
	}
	blank := strings.Repeat(" ", terminal.Columns(s.live))
	s.live = ""
	return "\r" + blank + "\r"
}
