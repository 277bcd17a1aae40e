package argocd

import "time"

// evaluation is the conclusion from one answer.
type evaluation struct {
	Event
	done       bool
	refresh    bool        // a new comparison may find more
	ending     *finalState // nil: go on
	superseded string
	paused     bool // it is done as far as it goes without a person
	idle       bool // nothing is awaited of what the application is made from
}

// finalState is a state that does not lead to done by itself. Many of them are passed through for a moment, so it must be seen
// for some time before the wait ends with it.
type finalState struct {
	kind  string
	after time.Duration
	err   error
}

// For how long an ending must be seen. A new Deployment was seen Degraded for 4 s before it was Healthy.
const (
	atOnce          = 0
	confirmedAfter  = 3 * time.Second
	settledAfter    = 5 * time.Second
	degradedGrace   = 15 * time.Second
	unrenderedGrace = 45 * time.Second // several render jobs may commit one after the other
	outageGrace     = 2 * time.Minute  // of what Argo CD itself needs, such as git
	blockedGrace    = 3 * time.Minute  // by another commit's sync: Argo CD gives one up after some five minutes
	hungGrace       = 20 * time.Minute // by another commit's hook, such as a migration
)

// debounce is the ending that is being looked at.
type debounce struct {
	kind  string
	since time.Time
}

// isConfirmed reports whether the ending has been seen for as long as it must.
func (s *debounce) isConfirmed(e finalState, now time.Time) bool {
	if s.kind != e.kind {
		*s = debounce{kind: e.kind, since: now}
	}
	return now.Sub(s.since) >= e.after
}
