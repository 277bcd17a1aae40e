package console

import (
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// Error shows why the run ended: what happened, where, and what to do next. In a GitHub log each error is an annotation,
// which the log shows too, so that nothing is said twice. A nil error shows nothing.
func (c *Console) Error(err error) {
	e := report.NewError(err)
	if e == nil {
		return
	}
	c.prepareError()
	for _, each := range append([]report.Error{*e}, e.More...) {
		if c.o.GitHub {
			c.printCommand(annotation("error", c.failedStage(), each))
		} else {
			c.printLines(c.layout.errorLines(each)...)
		}
	}
}

// prepareError sets the error off from what stands above it, and keeps it from hiding in the fold of a stage that never
// ended.
func (c *Console) prepareError() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.endFold()
	if c.screen.used {
		c.screen.writeLines("")
	}
}

// failedStage returns the name of the stage that the error ended, as the annotation's title.
func (c *Console) failedStage() string {
	for _, t := range c.Timings() {
		if t.Outcome == report.Failed || t.Outcome == report.Refused {
			return t.Name + " " + string(t.Outcome)
		}
	}
	return ""
}

func (l layout) errorLines(e report.Error) []string {
	lines := indent(l.style.red("error:")+" ", "  ", escape.Lines(e.Message))
	if place := escape.Line(e.Place.String()); place != "" {
		lines = append(lines, "  at "+l.style.cyan(place))
	}
	if e.Place != nil {
		for _, line := range e.Place.SnippetLines() {
			lines = append(lines, "  "+l.paintSnippet(line))
		}
	}
	return append(lines, l.remedyLines(e.Remedy)...)
}

// paintSnippet paints the line that is meant and the caret below it, which the snippet's maker has marked.
func (l layout) paintSnippet(line string) string {
	marked := strings.TrimLeft(line, " |0123456789")
	if strings.HasPrefix(marked, ">") || strings.HasPrefix(marked, "^") {
		return l.style.red(line)
	}
	return l.style.dim(line)
}
