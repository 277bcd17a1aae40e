package report

import (
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/webpage"
)

const (
	timelineWidth = 1000 // units of the page's drawing
	timelineLeast = 6    // of a bar, so that the shortest stage is seen
)

// pageStage is a stage with its bar: where it begins and how long it is, in units of the drawing. One that was skipped has
// none.
type pageStage struct {
	Name, Took, Note string
	Outcome          shownOutcome
	Left, Width      int
}

// shownOutcome is an outcome with its class, which gives icon and colour.
type shownOutcome struct {
	Text  webpage.Text
	Class string
}

func pageStages(r Report) []pageStage {
	whole := max(span(r.Started, r.ran()), time.Millisecond)
	return convert(r.Stages, func(s Timing) pageStage {
		shown := pageStage{
			Name: escape.Line(s.Name), Note: escape.Line(s.Note), Outcome: shownOutcome{Text: outcomeText(s.Outcome), Class: outcomeClass(s.Outcome)},
		}
		if s.Outcome == Skipped {
			return shown
		}
		units := func(d time.Duration) int { return int(max(d, 0) * timelineWidth / whole) }
		shown.Took = seconds(s.Seconds)
		shown.Width = min(max(units(s.took()), timelineLeast), timelineWidth)
		shown.Left = min(units(s.Started.Sub(r.Started)), timelineWidth-shown.Width)
		return shown
	})
}

// outcomeClass is how an outcome looks.
func outcomeClass(o Outcome) string {
	switch o {
	case Done, NothingToDo:
		return "ok"
	case Skipped:
		return "quiet"
	case Refused:
		return "held"
	case Cancelled:
		return "unknown"
	}
	return "drift"
}
