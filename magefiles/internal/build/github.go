package build

import (
	"strings"

	"github.com/moby/buildkit/client"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
)

// githubView collects a component's lines and prints them folded when it has finished, as lines of several components in
// one another's groups could not be folded (docs.github.com: workflow commands, "Grouping log lines").
type githubView struct {
	out   *printer
	lines map[*track][]string
}

func (v *githubView) status(*track, *client.SolveStatus) {}
func (v *githubView) tick(*board)                        {}
func (v *githubView) close(*board)                       {}

func (v *githubView) line(t *track, text string) { v.lines[t] = append(v.lines[t], text) }
func (v *githubView) beat(t *track, text string) { v.out.line(t.name + ": " + text) }

func (v *githubView) notice(t *track, text string) { v.beat(t, text) }

func (v *githubView) finish(t *track) {
	if len(v.lines[t]) == 0 { // all of its steps are shown with another component
		v.out.line(t.name + ": " + t.summary())
		return
	}
	var b strings.Builder
	b.WriteString("::group::" + t.name + ": " + t.summary() + "\n")
	for _, line := range v.lines[t] {
		b.WriteString(escape.Runner(line) + "\n")
	}
	b.WriteString("::endgroup::\n")
	v.out.print(b.String())
	delete(v.lines, t)
}
