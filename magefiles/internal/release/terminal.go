package release

import (
	"io"
	"os"

	"github.com/xiilab/astrago-ci/magefiles/internal/build"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/terminal"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// look says what the reader of w can see.
func look(v vars.Vars, w io.Writer) report.Options {
	o := report.Options{GitHub: v.Get(vars.Actions) == "true"}
	file, ok := w.(*os.File)
	if !ok || v.Get(vars.Term) == "dumb" {
		return o
	}
	o.Terminal = terminal.Is(file)
	o.Width, _ = terminal.Size(file)
	o.Color = o.Terminal && v.Get(vars.NoColor) == ""
	return o
}

// lookAs is look for a reader who has said with -progress what to show. Lines of a log and lines that are redrawn do not go
// together.
func lookAs(options Options, v vars.Vars, w io.Writer) report.Options {
	o := look(v, w)
	o.Terminal = o.Terminal && verbosity(options, v) == 0
	switch build.Mode(options.Progress) {
	case build.GitHub:
		o.GitHub = true
	case build.TTY:
		o.GitHub = false
	case build.Plain, build.RawJSON:
		o.GitHub, o.Terminal = false, false
	}
	return o
}

// display is the build's part of the console.
func (s *session) display(stage *report.Stage) (build.Display, error) {
	mode, err := s.mode()
	display := build.Display{W: stage.Display(), Mode: mode, Color: look(s.vars, s.process.Stderr).Color}
	if file, ok := s.process.Stderr.(*os.File); ok {
		display.Size = func() (columns, rows int) { return terminal.Size(file) }
	}
	return display, err
}

// mode is how the build is shown: as the reader says, or else as suits what the reader sees.
func (s *session) mode() (build.Mode, error) {
	seen := lookAs(s.options, s.vars, s.process.Stderr)
	switch mode := build.Mode(s.options.Progress); {
	case mode == build.TTY && s.verbosity() > 0:
		return "", problem.New(problem.Usage, "use -progress=plain, or leave out -v", "showing progress: lines that are redrawn and the log of -v do not go together")
	case mode == build.TTY && !seen.Terminal:
		return "", problem.New(problem.Usage, "use -progress=plain, or leave it out", "showing progress: standard error is no terminal that redraws lines")
	case mode != "" && mode != automatic:
		return mode, mode.Check()
	case seen.GitHub:
		return build.GitHub, nil
	case seen.Terminal:
		return build.TTY, nil
	}
	return build.Plain, nil
}

// automatic is what -progress says by default.
const automatic = "auto"
