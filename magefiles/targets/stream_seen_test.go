package targets_test

import (
	"slices"
	"strings"
)

// refusals are the guards that a stream meets: what a refusal says, and which operations it is looked for in.
var refusals = []struct {
	what, says string
	of         func(a *attempt) bool // nil: any
}{
	{"refused: another application's value", ofAnother, nil},
	{"refused: a part of a shared value", isPart, nil},
	{"refused: the rejected image by a commit of words", "the rejected image", (*attempt).changesWords},
	{"refused: the rejected image by an amended commit", "the rejected image", (*attempt).amends},
	{"refused: a clone that cannot know", "this clone has no such commit", nil},
	{"refused: a clone that fetches what it lacks", isOlder, (*attempt).fetches},
	{"refused: older than what was kept, and newer than its tag", isOlder, (*attempt).isBetween},
}

func (a *attempt) changesWords() bool { return a.changed(a.op) == words }

func (a *attempt) amends() bool { return a.changed(a.op) == amended }

func (a *attempt) fetches() bool { return a.op.clone == fetches }

// isBetween reports whether the tag of a value would let a release pass, and what counts as deployed does not.
func (a *attempt) isBetween() bool {
	there := a.history[a.index(a.first)].units[a.op.unit]
	return a.op.kind == release && slices.ContainsFunc(a.op.chosen(), func(component string) bool {
		tag, counted := there.deployed[component], there.counted(component)
		return tag > 0 && there.of.relation(tag, a.op.build) == ahead && there.of.relation(counted, a.op.build) == behind
	})
}

// changed is what the commit that an operation releases has changed.
func (s *stream) changed(o *operation) string {
	if o.kind != release {
		return ""
	}
	return s.sources[o.service].changes[o.build]
}

// sightings are what every stream must have met at least once.
func sightings() []string {
	all := []string{
		"taken over by force", "set: one value of several components", "set: a digest beside the tag",
		"released by a clone that has not fetched",
		keptAlone, keptBeside, keptHeld, keptPromoted, keptRejected, keptRestored,
	}
	for _, r := range refusals {
		all = append(all, r.what)
	}
	return all
}

// seeRefusal counts which guard has refused a process.
func (s *stream) seeRefusal(a *attempt) {
	for _, r := range refusals {
		if strings.Contains(a.stderr.String(), r.says) && (r.of == nil || r.of(a)) {
			s.count(r.what)
		}
	}
}

// seeCommit counts what a commit of an operation sets, and how, before it is the newest of the history.
func (s *stream) seeCommit(c bumped, m moment, read int) {
	o := m.op
	s.seeKept(m, read)
	if o.clone != "" {
		s.count("released by a clone that has not fetched")
	}
	if slices.ContainsFunc(c.trailers("Astrago-Forced"), func(what string) bool { return strings.HasPrefix(what, "owner ") }) {
		s.count("taken over by force")
	}
	if m.touched == "" {
		return
	}
	if shared(o.service) {
		s.count("set: one value of several components")
	}
	if pins(o.unit) {
		s.count("set: a digest beside the tag")
	}
}

// checkSeen wants the stream to have met every kind.
func (s *stream) checkSeen() {
	for _, what := range sightings() {
		if s.counts[what] == 0 {
			s.t.Errorf("not met: %s", what)
		}
	}
}
