package report

import (
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
)

// Error tells why the run ended: what happened, where, and what to do next. In a GitHub log each error is an annotation,
// which the log shows too, so that nothing is said twice. A nil error says nothing.
func (c *Console) Error(err error) {
	e := NewError(err)
	if e == nil {
		return
	}
	c.prepareError()
	for _, each := range append([]Error{*e}, e.More...) {
		if c.o.GitHub {
			c.command(annotation("error", c.failedStage(), each))
		} else {
			c.print(c.diagnosis(each)...)
		}
	}
}

// prepareError sets the error off from what stands above it, and keeps it from hiding in the fold of a stage that never
// ended.
func (c *Console) prepareError() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.endFold()
	if c.used {
		c.write("")
	}
}

// failedStage names the stage that the error ended, as the annotation's title.
func (c *Console) failedStage() string {
	for _, t := range c.Timings() {
		if t.Outcome == Failed || t.Outcome == Refused {
			return t.Name + " " + string(t.Outcome)
		}
	}
	return ""
}

func (c *Console) diagnosis(e Error) []string {
	lines := indent(c.style.red("error:")+" ", "  ", escape.Lines(e.Message))
	if place := escape.Line(e.Place.String()); place != "" {
		lines = append(lines, "  at "+c.style.cyan(place))
	}
	if e.Place != nil {
		for _, line := range snippetLines(e.Place.Snippet) {
			lines = append(lines, "  "+c.snippet(line))
		}
	}
	return append(lines, c.remedy(e.Remedy)...)
}

func (c *Console) remedy(text string) []string {
	var lines []string
	for _, line := range escape.Lines(text) {
		lines = append(lines, "  "+c.style.green("→")+" "+line)
	}
	return lines
}

// snippet paints the line that is meant and the caret below it; who made the snippet has marked them.
func (c *Console) snippet(line string) string {
	marked := strings.TrimLeft(line, " |0123456789")
	if strings.HasPrefix(marked, ">") || strings.HasPrefix(marked, "^") {
		return c.style.red(line)
	}
	return c.style.dim(line)
}
