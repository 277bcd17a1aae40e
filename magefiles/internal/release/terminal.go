package release

import (
	"io"
	"os"

	"github.com/xiilab/astrago-ci/magefiles/internal/build"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// look says what the reader of w can see.
func look(v vars.Vars, w io.Writer) report.Options {
	o := report.Options{GitHub: v.Get(vars.Actions) == "true"}
	file, ok := w.(*os.File)
	if !ok || v.Get(vars.Term) == "dumb" {
		return o
	}
	o.Width, o.Terminal = report.Terminal(file)
	o.Color = o.Terminal && v.Get(vars.NoColor) == ""
	return o
}

// display is the build's part of the console.
func (s *session) display(stage *report.Stage) build.Display {
	seen := look(s.vars, s.process.Stderr)
	mode := build.Plain
	switch {
	case seen.GitHub:
		mode = build.GitHub
	case seen.Terminal:
		mode = build.TTY
	}
	return build.Display{W: stage.Writer(), Mode: mode, Color: seen.Color}
}
