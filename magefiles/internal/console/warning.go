package console

import (
	"fmt"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// placesShown is the number of places that the console names for one rule; the report has all.
const placesShown = 5

// Warnings shows warnings with their places and remedies. In a GitHub log each is an annotation under the rule's name; else
// those that say the same of several places are shown once.
func (c *Console) Warnings(all []report.Warning) {
	if c.o.GitHub {
		for _, w := range all {
			c.printCommand(annotation("warning", w.Rule, report.Error{Message: w.Message, Place: w.Place, Remedy: w.Remedy}))
		}
		return
	}
	places := map[string][]string{}
	for _, w := range all {
		places[w.Text()] = append(places[w.Text()], escape.Line(w.Place.String()))
	}
	for _, w := range all {
		if at := places[w.Text()]; at != nil {
			c.printLines(c.layout.warningLines(w, at)...)
			delete(places, w.Text())
		}
	}
}

func (l layout) warningLines(w report.Warning, places []string) []string {
	lines := indent(l.style.yellow("warning:")+" ", "  ", escape.Lines(w.Text()))
	for i, place := range places {
		switch {
		case i == placesShown:
			return append(append(lines, fmt.Sprintf("  and %d more places", len(places)-i)), l.remedyLines(w.Remedy)...)
		case place != "":
			lines = append(lines, "  at "+l.style.cyan(place))
		}
	}
	return append(lines, l.remedyLines(w.Remedy)...)
}
