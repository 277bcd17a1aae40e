package console

import (
	"io"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/terminal"
)

// Stage is one step of a run on the console, from its start until Done, Skip or Fail. After that the handle does nothing,
// so that a deferred Fail is harmless.
type Stage struct {
	console *Console
	name    string
	started time.Time
	ended   bool
	onEnd   func(report.Outcome, string, error)
	outputs []*commandOutput

	drawn   time.Time // when progress was last shown
	percent int64     // what it was then
}

// nameColumns is the width of the column of stage names.
const nameColumns = 10

// Stage starts a stage and shows it at once. On a terminal the line stays live until the stage ends or something is
// written; in a GitHub log it opens a fold, which holds what is written to the stage's Writer.
func (c *Console) Stage(name string) *Stage {
	s := &Stage{console: c, name: escape.Line(name), started: c.o.Now()}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch heading := "▸ " + s.name; {
	case c.o.Terminal:
		c.screen.redraw(heading)
	case c.o.GitHub:
		c.endFold()
		c.screen.writeLines(escape.Command("group", heading))
		c.fold = s
	default:
		c.screen.writeLines(heading)
	}
	return s
}

// Writer returns a writer for the output of commands and of others that belongs to the stage: it acts neither on the
// terminal nor on the runner. What waits for the end of its line is written when the stage ends.
func (s *Stage) Writer() io.Writer {
	o := &commandOutput{to: s.Display(), runner: s.console.o.GitHub}
	s.console.mu.Lock()
	defer s.console.mu.Unlock()
	s.outputs = append(s.outputs, o)
	return o
}

// Display returns a writer that passes through unchanged output that is already escaped, such as a build's own display.
func (s *Stage) Display() io.Writer { return rawOutput{console: s.console, stage: s} }

// Say shows what the stage is at: redrawn in place on a terminal, else a line of its own.
func (s *Stage) Say(text string) {
	c := s.console
	c.mu.Lock()
	defer c.mu.Unlock()
	text = terminal.Pad(s.name, nameColumns) + " " + escape.Line(text)
	switch {
	case s.ended:
	case c.o.Terminal:
		c.screen.redraw("▸ " + text)
	default:
		c.screen.writeText("  " + text)
	}
}

// OnEnd has do called once when the stage ends: the outcome, the note, and the error of one that fails.
func (s *Stage) OnEnd(do func(outcome report.Outcome, note string, err error)) { s.onEnd = do }

// Done ends the stage; note says in a few words what it did.
func (s *Stage) Done(note string) { s.endOnce(report.Done, note, nil) }

// Skip ends a stage that had nothing to do; note says why.
func (s *Stage) Skip(note string) { s.endOnce(report.Skipped, note, nil) }

// Fail ends the stage with an error, which Console.Error tells in full once the run is over.
func (s *Stage) Fail(err error) {
	outcome := report.OutcomeOf(err)
	s.endOnce(outcome, string(outcome), err)
}

func (s *Stage) endOnce(outcome report.Outcome, note string, err error) {
	if s.closeStage(outcome, note) && s.onEnd != nil {
		s.onEnd(outcome, note, err)
	}
}

// closeStage reports whether the stage has ended only now.
func (s *Stage) closeStage(outcome report.Outcome, note string) bool {
	c := s.console
	c.mu.Lock()
	outputs := s.outputs
	c.mu.Unlock()
	for _, o := range outputs {
		o.flush()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if s.ended {
		return false
	}
	s.ended = true
	took := c.o.Now().Sub(s.started)
	c.timings = append(c.timings, report.Timing{
		Name: s.name, Started: s.started.UTC(), Seconds: took.Seconds(), Outcome: outcome, Note: note,
	})
	c.endFold()
	c.screen.writeText(s.closingLine(outcome, escape.Line(note), took))
	return true
}

// closingLine is the closing line of a stage, with its time at the right of 80 columns.
func (s *Stage) closingLine(outcome report.Outcome, note string, took time.Duration) string {
	c := s.console
	text := strings.TrimRight(terminal.Pad(s.name, nameColumns)+" "+note, " ")
	if outcome == report.Skipped {
		return c.layout.style.mark(outcome) + " " + text
	}
	time := report.Duration(took)
	room := min(c.o.Width, 80) - 3 - len(time)
	return c.layout.style.mark(outcome) + " " + terminal.Pad(text, room) + " " + c.layout.style.dim(time)
}

func (c *Console) endFold() {
	if c.fold != nil {
		c.screen.writeLines("::endgroup::")
		c.fold = nil
	}
}
