package console_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/console"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/sample"
)

// Commands of `prepare` cannot speak to the runner or the terminal, however they cut their output.
func TestAttackCommandOutput(t *testing.T) {
	for _, mode := range modes {
		out := render(mode.options, func(c *console.Console, _ *sample.Clock) {
			stage := c.Stage("prepare")
			w := stage.Writer()
			for _, piece := range []string{"ok\n:", ":add-mask::x\nprogress\r::error::y\r\n", "a #", "#[set-env name=X]y\n\x1b]0;ti", "tle\x07\x1b[2", "Jend ::", "group::z"} {
				_, _ = w.Write([]byte(piece))
			}
			stage.Done("")
		})
		if !mode.options.Color { // the console's own colours
			sample.WantHarmless(t, mode.name, out)
		}
		if strings.Contains(out, "title") || !strings.Contains(out, "end ::group::z") {
			t.Errorf("%s: %q", mode.name, out)
		}
		if mode.options.GitHub {
			sample.WantNoCommands(t, out)
		}
	}
}
