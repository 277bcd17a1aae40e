package targets_test

import "slices"

// What a stream is to meet of values whose image is the deployed one.
const (
	keptAlone    = "kept: every value"
	keptBeside   = "kept: values beside others that are set"
	keptHeld     = "kept: a value that is held"
	keptPromoted = "promoted: what counts by another tag"
	keptRejected = "rolled back: from what counts by another tag"
	keptRestored = "rolled back: to what counts by another tag"
)

// seeKept counts what a commit keeps, and what it does with what was kept.
func (s *stream) seeKept(m moment, read int) {
	o, before, after := m.op, s.history[len(s.history)-1].units[m.op.unit], m.units[m.op.unit]
	switch kept := s.keptBy(m, read); {
	case len(kept) > 0 && m.touched == "":
		s.count(keptAlone)
	case len(kept) > 0:
		s.count(keptBeside)
	}
	if slices.ContainsFunc(s.keptBy(m, read), after.holding) {
		s.count(keptHeld)
	}
	if from := s.history[read].units[unit{o.service, "stage"}]; o.kind == promote && slices.ContainsFunc(o.chosen(), from.isKept) {
		s.count(keptPromoted)
	}
	if o.kind != rollback {
		return
	}
	changed := before.differing(after.deployed)
	if slices.ContainsFunc(changed, before.isKept) {
		s.count(keptRejected)
	}
	if slices.ContainsFunc(changed, after.isKept) {
		s.count(keptRestored)
	}
}

// isKept reports whether a component counts as another revision than its value names.
func (s standing) isKept(component string) bool { return s.counted(component) != s.deployed[component] }
