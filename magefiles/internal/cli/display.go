package cli

import (
	"io"
	"os"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/progress"
	"github.com/xiilab/astrago-ci/magefiles/internal/console"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/terminal"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// consoleOptions says what the reader of w can see.
func consoleOptions(v vars.Vars, w io.Writer) console.Options {
	o := console.Options{GitHub: v.InWorkflow()}
	file, ok := w.(*os.File)
	if !ok || v.Get(vars.Term) == "dumb" {
		return o
	}
	o.Terminal = terminal.Is(file)
	o.Width, _ = terminal.Size(file)
	o.Color = o.Terminal && v.Get(vars.NoColor) == ""
	return o
}

// buildConsoleOptions is consoleOptions for a reader that has chosen with -progress. Lines of a log and lines that are
// redrawn do not go together.
func buildConsoleOptions(f Flags, v vars.Vars, w io.Writer) console.Options {
	o := consoleOptions(v, w)
	o.Terminal = o.Terminal && verbosity(f, v) == 0
	switch progress.Mode(f.Progress) {
	case progress.GitHub:
		o.GitHub = true
	case progress.TTY:
		o.GitHub = false
	case progress.Plain, progress.RawJSON:
		o.GitHub, o.Terminal = false, false
	}
	return o
}

// Display returns the build's part of the console.
func (env *Env) Display(stage *console.Stage) (progress.Display, error) {
	mode, err := displayMode(env)
	display := progress.Display{W: stage.Display(), Mode: mode, Color: consoleOptions(env.Vars, env.Process.Stderr).Color}
	if file, ok := env.Process.Stderr.(*os.File); ok {
		display.Size = func() (columns, rows int) { return terminal.Size(file) }
	}
	return display, err
}

// displayMode returns the mode of the build's display: the one given by flag, or else the one that suits the output.
func displayMode(env *Env) (progress.Mode, error) {
	seen := buildConsoleOptions(env.Flags, env.Vars, env.Process.Stderr)
	switch mode := progress.Mode(env.Flags.Progress); {
	case mode == progress.TTY && verbosity(env.Flags, env.Vars) > 0:
		return "", problem.New(problem.Usage, "use -progress=plain, or leave out -v",
			"showing progress: lines that are redrawn and the log of -v do not go together")
	case mode == progress.TTY && !seen.Terminal:
		return "", problem.New(problem.Usage, "use -progress=plain, or leave it out",
			"showing progress: standard error is not a terminal that redraws lines")
	case mode != "" && mode != automaticMode:
		return mode, mode.Check()
	case seen.GitHub:
		return progress.GitHub, nil
	case seen.Terminal:
		return progress.TTY, nil
	}
	return progress.Plain, nil
}

// automaticMode is the default of -progress.
const automaticMode = "auto"
