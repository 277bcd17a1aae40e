package cli

import (
	"io"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// TestPropertiesDecide has each property of a command change what it is said to change, whatever the command's name.
func TestPropertiesDecide(t *testing.T) {
	subscribed := &plan.Plan{Notify: []config.Notify{{URLs: "URLS"}}}
	for name, test := range map[string]struct {
		command Command
		decides func(*Env) bool
	}{
		"quiet sends no messages":            {Command{Quiet: true}, func(env *Env) bool { return notifier{env}.shouldNotify() }},
		"read-only sends no messages":        {Command{ReadOnly: true}, func(env *Env) bool { return notifier{env}.shouldNotify() }},
		"unreported leaves no report":        {Command{Unreported: true}, func(env *Env) bool { return reportWriter{env}.leavesReport() }},
		"what prints itself leaves no other": {Command{PrintsItself: true}, func(env *Env) bool { return reportWriter{env}.leavesReport() }},
	} {
		for with, c := range map[bool]Command{false: {}, true: test.command} {
			_, env := Start(t.Context(), Process{Stdout: io.Discard, Stderr: io.Discard}, c, Flags{})
			env.Project.Plan = subscribed
			if test.decides(env) == with {
				t.Errorf("%s: with the property %v it is %v", name, with, with)
			}
		}
	}
}
