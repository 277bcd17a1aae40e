// Package progress shows how builds go, for people and for programs, and writes a full log of each: it follows the status streams of
// all components, and lets no secret through.
package progress

import (
	"io"

	"github.com/moby/buildkit/client"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Mode is a form of the progress display.
type Mode string

// The modes of a Display.
const (
	Plain   Mode = "plain"   // a line for each event, behind the component's name
	TTY     Mode = "tty"     // a row for each component, redrawn in place
	GitHub  Mode = "github"  // as plain, in one ::group:: for each component, printed when it has finished
	RawJSON Mode = "rawjson" // BuildKit's status messages, one JSON object a line, with the component's name
)

// Display is where and how progress is shown; nothing else is written to. The zero value shows nothing.
type Display struct {
	W     io.Writer
	Mode  Mode // Plain by default
	Color bool
	Size  func() (columns, rows int) // of the terminal, now; 0 or nil means unknown
}

// view draws what the model knows. The model calls it from one goroutine at a time.
type view interface {
	onStatus(t *Component, s *client.SolveStatus) // a message as it came
	onLine(t *Component, text string)             // what the message says, for a reader
	onHeartbeat(t *Component, text string)        // a line that the reader must see now: the component is alive
	onNotice(t *Component, text string)           // a line that no daemon said, which the reader must see at any rate
	onFinish(t *Component)                        // the component has ended; t says how
	onTick(b *Model)                              // time has passed
	onClose(b *Model)                             // all components have ended
}

func (d Display) newView() (view, error) {
	out := &printer{w: d.W, color: d.Color}
	if d.W == nil {
		out.w = io.Discard
	}
	switch d.Mode {
	case Plain, "":
		return &plainView{out: out}, nil
	case TTY:
		return &ttyView{out: out, size: d.Size}, nil
	case GitHub:
		return &githubView{out: out, lines: map[*Component][]string{}}, nil
	case RawJSON:
		return &rawJSONView{out: out}, nil
	}
	return nil, d.Mode.Check()
}

// Check refuses what is no mode.
func (m Mode) Check() error {
	switch m {
	case Plain, TTY, GitHub, RawJSON, "":
		return nil
	}
	return problem.New(problem.Usage, "use one of plain, tty, github, rawjson", "showing progress: unknown mode %q", m)
}

// printer writes text in SGR colours (ECMA-48), where these are wanted. Progress that cannot be written is not worth
// failing a build for, so errors are dropped.
type printer struct {
	w     io.Writer
	color bool
}

const (
	styleBold  = "1"
	styleDim   = "2"
	styleRed   = "31"
	styleGreen = "32"
	styleCyan  = "36"
	styleNone  = ""
)

func (p *printer) colorize(style, text string) string {
	if !p.color || style == styleNone {
		return text
	}
	return "\x1b[" + style + "m" + text + "\x1b[0m"
}

// printLine writes a line that the runner of a workflow does not obey, whatever a step has printed.
func (p *printer) printLine(text string) { p.printText(escape.Runner(text) + "\n") }

func (p *printer) printText(text string) { _, _ = io.WriteString(p.w, text) }
