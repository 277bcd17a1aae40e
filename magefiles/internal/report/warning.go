package report

import (
	"fmt"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
)

// Warning is something that the author of a Dockerfile should know although the build went on.
type Warning struct {
	Rule       string   `json:"rule,omitempty"` // of BuildKit's build checks, e.g. StageNameCasing
	Message    string   `json:"message"`
	Place      *Place   `json:"place,omitempty"`
	Remedy     string   `json:"remedy,omitempty"` // the address that explains the rule, or what to do
	Components []string `json:"components"`
}

func (w Warning) text() string {
	if w.Rule == "" {
		return w.Message
	}
	return w.Rule + ": " + w.Message
}

// placesShown is how many places of one rule the console names; the report has all.
const placesShown = 5

// Warnings tells warnings with their places and remedies. In a GitHub log each is an annotation under the rule's name; else
// those that say the same of several places are told once.
func (c *Console) Warnings(all []Warning) {
	if c.o.GitHub {
		for _, w := range all {
			c.command(annotation("warning", w.Rule, Error{Message: w.Message, Place: w.Place, Remedy: w.Remedy}))
		}
		return
	}
	places := map[string][]string{}
	for _, w := range all {
		places[w.text()] = append(places[w.text()], escape.Line(w.Place.String()))
	}
	for _, w := range all {
		if at := places[w.text()]; at != nil {
			c.print(c.warning(w, at)...)
			delete(places, w.text())
		}
	}
}

func (c *Console) warning(w Warning, places []string) []string {
	lines := indent(c.style.yellow("warning:")+" ", "  ", escape.Lines(w.text()))
	for i, place := range places {
		switch {
		case i == placesShown:
			return append(append(lines, fmt.Sprintf("  and %d more places", len(places)-i)), c.remedy(w.Remedy)...)
		case place != "":
			lines = append(lines, "  at "+c.style.cyan(place))
		}
	}
	return append(lines, c.remedy(w.Remedy)...)
}

// warnings is a row for each warning; the rule leads to its explanation.
func (m *markdown) warnings(warnings []Warning) {
	rows := make([][]string, len(warnings))
	for i, w := range warnings {
		message, rule := escape.Markdown(w.Message), escape.MarkdownLink(escape.Markdown(w.Rule), w.Remedy)
		if rule == "" && w.Remedy != "" {
			for _, line := range escape.Lines(w.Remedy) {
				message += "<br>" + escape.Markdown(line)
			}
		}
		rows[i] = []string{rule, escape.MarkdownCode(w.Place.String()), message, escape.Markdown(strings.Join(w.Components, ", "))}
	}
	m.table([]string{"Check", "Place", "Warning", "Components"}, nil, rows)
}
