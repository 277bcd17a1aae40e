package progress

import (
	"strings"

	"github.com/moby/buildkit/client"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
)

// githubView collects a component's lines and prints them folded when it has finished, as lines of several components in
// one another's groups could not be folded (docs.github.com: workflow commands, "Grouping log lines").
type githubView struct {
	out   *printer
	lines map[*Component][]string
}

func (v *githubView) onStatus(*Component, *client.SolveStatus) {}
func (v *githubView) onTick(*Model)                            {}
func (v *githubView) onClose(*Model)                           {}

func (v *githubView) onLine(t *Component, text string) { v.lines[t] = append(v.lines[t], text) }

func (v *githubView) onHeartbeat(t *Component, text string) {
	v.out.printLine(string(t.name) + ": " + text)
}

func (v *githubView) onNotice(t *Component, text string) { v.onHeartbeat(t, text) }

func (v *githubView) onFinish(t *Component) {
	if len(v.lines[t]) == 0 { // all of its steps are shown with another component
		v.out.printLine(string(t.name) + ": " + t.summaryLine())
		return
	}
	var b strings.Builder
	b.WriteString("::group::" + string(t.name) + ": " + t.summaryLine() + "\n")
	for _, line := range v.lines[t] {
		b.WriteString(escape.Runner(line) + "\n")
	}
	b.WriteString("::endgroup::\n")
	v.out.printText(b.String())
	delete(v.lines, t)
}
