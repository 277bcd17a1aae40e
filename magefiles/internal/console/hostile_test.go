package console_test

import (
	"reflect"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/console"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/sample"
)

// What others wrote, in whatever field it arrives, never acts on the reader's terminal, the workflow or the page.
func TestHostileText(t *testing.T) {
	var r report.Report
	sample.Fill(reflect.ValueOf(&r).Elem())
	var p plan.Plan
	sample.Fill(reflect.ValueOf(&p).Elem())
	actions := []plan.Action{{Component: sample.Hostile, Do: sample.Hostile, Why: sample.Hostile}}
	err := problem.New(problem.Failed, sample.Hostile, "%s", sample.Hostile).At(problem.Place{File: sample.Hostile, Line: 1, Column: 1, Snippet: sample.Hostile})

	for _, mode := range modes {
		mode.options.Color = false
		out := render(mode.options, func(c *console.Console, _ *sample.Clock) {
			c.Plan(p, actions)
			c.Stage(sample.Hostile).Done(sample.Hostile)
			c.Stage(sample.Hostile).Fail(err)
			c.Note(sample.Hostile)
			c.Warn(sample.Hostile)
			for _, outcome := range []report.Outcome{report.Done, report.NothingToDo, report.Failed} {
				r.Outcome = outcome
				c.Finish(r)
			}
			c.Error(err)
		})
		sample.WantHarmless(t, mode.name, out)
		if mode.options.GitHub {
			sample.WantNoCommands(t, out)
		}
	}
}
