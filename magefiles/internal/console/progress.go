package console

import (
	"fmt"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/terminal"
)

// Progress shows how far an upload is: redrawn up to ten times a second on a terminal, else a line for each tenth of the
// whole, at most one a second. Bytes beyond total are shown as they are.
func (s *Stage) Progress(sent, total int64) {
	c := s.console
	c.mu.Lock()
	defer c.mu.Unlock()
	if s.ended || total <= 0 {
		return
	}
	now, percent := c.o.Now(), sent*100/total
	text := fmt.Sprintf("%s of %s, %d %%", report.Size(sent), report.Size(total), percent)
	pause := now.Sub(s.drawn)
	switch {
	case c.o.Terminal && (pause >= 100*time.Millisecond || sent >= total):
		c.screen.redraw("▸ " + terminal.Pad(s.name, nameColumns) + " " + text)
	case !c.o.Terminal && sent < total && percent/10 > s.percent/10 && pause >= time.Second:
		c.screen.writeText("  " + terminal.Pad(s.name, nameColumns) + " " + text)
	default:
		return
	}
	s.drawn, s.percent = now, percent
}
