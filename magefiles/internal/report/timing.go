package report

import "time"

// Timing is one stage of the run.
type Timing struct {
	Name    string    `json:"name"`
	Started time.Time `json:"started"`
	Seconds float64   `json:"seconds"`
	Outcome Outcome   `json:"outcome"`
	Note    string    `json:"note,omitempty"`
}

// Took is the stage's time.
func (t Timing) Took() time.Duration { return time.Duration(t.Seconds * float64(time.Second)) }

// RanStages are the stages that had something to do.
func (r Report) RanStages() []Timing {
	var ran []Timing
	for _, s := range r.Stages {
		if s.Outcome != Skipped {
			ran = append(ran, s)
		}
	}
	return ran
}

// Span is the time from the start of the run until its last stage ended.
func (r Report) Span() time.Duration {
	var whole time.Duration
	for _, s := range r.RanStages() {
		whole = max(whole, s.Started.Sub(r.Started)+s.Took())
	}
	return whole
}
