// Package console shows people a run on their terminal or in a workflow's log: live progress, a closing table, errors with what to do next.
// It renders what others did and decides nothing.
package console

import (
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// Options say what the reader of a console can see.
type Options struct {
	Terminal bool             // the live line is redrawn in place
	Color    bool             // escape sequences for colour; without it no escape byte is ever written
	GitHub   bool             // a GitHub workflow's log: folds and annotations, no live line
	Width    int              // columns; zero means 80
	Now      func() time.Time // nil means time.Now
}

// Console shows people what a run does, usually on stderr. It is safe for concurrent use. Errors of the writer are dropped:
// a release does not fail because its terminal has gone.
type Console struct {
	o      Options
	layout layout

	mu      sync.Mutex
	screen  screen
	fold    *Stage // the stage whose ::group:: is open
	timings []report.Timing
}

// New returns a console that writes to w.
func New(w io.Writer, o Options) *Console {
	if o.Width <= 0 {
		o.Width = 80
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Terminal = o.Terminal && !o.GitHub
	return &Console{o: o, layout: layout{style: style{on: o.Color}, width: o.Width}, screen: screen{w: w, github: o.GitHub, width: o.Width}}
}

// Note shows something that is good to know.
func (c *Console) Note(text string) { c.printLines(indent("  ", "  ", escape.Lines(text))...) }

// Warn shows something that the reader may have to act on, while the run goes on.
func (c *Console) Warn(text string) {
	if c.o.GitHub {
		c.printCommand(escape.Command("warning", strings.Join(escape.Lines(text), "\n")))
		return
	}
	c.printLines(indent(c.layout.style.yellow("warning:")+" ", "  ", escape.Lines(text))...)
}

// Display returns a writer that passes through unchanged output that is already escaped, such as a build's own display, outside every
// stage's fold.
func (c *Console) Display() io.Writer { return rawOutput{console: c} }

// Log returns a writer for the records of a log, each a whole line, which stay within the fold that is open.
func (c *Console) Log() io.Writer { return logRecords{c} }

// logRecords is a console as a log's writer.
type logRecords struct{ console *Console }

func (r logRecords) Write(p []byte) (int, error) {
	r.console.printLines(strings.TrimSuffix(string(p), "\n"))
	return len(p), nil
}

// Timings returns the stages that have ended so far, for Report.Stages.
func (c *Console) Timings() []report.Timing {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.timings)
}

// printLines writes whole lines of text, below whatever is there.
func (c *Console) printLines(lines ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.screen.writeText(lines...)
}

// printCommand writes a workflow command.
func (c *Console) printCommand(line string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.screen.writeLines(line)
}
