package report

import "github.com/xiilab/astrago-ci/magefiles/internal/problem"

// Outcome is the outcome of a run or of one of its stages.
type Outcome string

// The outcomes. Skipped is for stages only.
const (
	Done        Outcome = "done"
	NothingToDo Outcome = "nothing to do"
	Skipped     Outcome = "skipped"
	Failed      Outcome = "failed"
	Refused     Outcome = "refused"
	Cancelled   Outcome = "cancelled"
)

// Mark is the sign in front of what ended so.
func (o Outcome) Mark() string {
	switch o {
	case Done, NothingToDo:
		return "✓"
	case Skipped:
		return "-"
	}
	return "✗"
}

// OutcomeOf returns the outcome of a run that ended with err.
func OutcomeOf(err error) Outcome {
	switch exitOf(err) {
	case 0:
		return Done
	case problem.Refused:
		return Refused
	case problem.Interrupt, problem.Terminate:
		return Cancelled
	}
	return Failed
}
