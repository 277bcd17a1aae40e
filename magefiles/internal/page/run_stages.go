package page

import (
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
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

func newPageStages(r report.Report) []pageStage {
	whole := max(r.Span(), time.Millisecond)
	return mapSlice(r.Stages, func(s report.Timing) pageStage {
		shown := pageStage{
			Name: escape.Line(s.Name), Note: escape.Line(s.Note),
			Outcome: shownOutcome{Text: outcomeText(s.Outcome), Class: outcomeClass(s.Outcome)},
		}
		if s.Outcome == report.Skipped {
			return shown
		}
		units := func(d time.Duration) int { return int(max(d, 0) * timelineWidth / whole) }
		shown.Took = report.Seconds(s.Seconds)
		shown.Width = min(max(units(s.Took()), timelineLeast), timelineWidth)
		shown.Left = min(units(s.Started.Sub(r.Started)), timelineWidth-shown.Width)
		return shown
	})
}

// outcomeClass returns the CSS class of an outcome.
func outcomeClass(o report.Outcome) string {
	switch o {
	case report.Done, report.NothingToDo:
		return "ok"
	case report.Skipped:
		return "quiet"
	case report.Refused:
		return "held"
	case report.Cancelled:
		return "unknown"
	}
	return "drift"
}
