package targets_test

import (
	"slices"
	"strings"
)

// refusals are the guards that a stream meets: what a refusal says, and which operations it is looked for in.
var refusals = []struct {
	what, says string
	of         func(s *stream, o *operation) bool // nil: any
}{
	{"refused: another application's value", ofAnother, nil},
	{"refused: a part of a shared value", isPart, nil},
	{"refused: the rejected image by a commit of words", "the rejected image", (*stream).changesWords},
	{"refused: the rejected image by an amended commit", "the rejected image", (*stream).amends},
	{"refused: a clone that cannot know", "this clone has no such commit", nil},
	{"refused: a clone that fetches what it lacks", isOlder, (*stream).fetches},
}

func (s *stream) changesWords(o *operation) bool { return s.changed(o) == words }

func (s *stream) amends(o *operation) bool { return s.changed(o) == amended }

func (s *stream) fetches(o *operation) bool { return o.clone == fetches }

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
		"taken over by force", "set: one value of several components", "set: a digest beside the tag", "released by a clone that has not fetched",
	}
	for _, r := range refusals {
		all = append(all, r.what)
	}
	return all
}

// seeRefusal counts which guard has refused a process.
func (s *stream) seeRefusal(a *attempt) {
	for _, r := range refusals {
		if strings.Contains(a.stderr.String(), r.says) && (r.of == nil || r.of(s, a.op)) {
			s.count(r.what)
		}
	}
}

// seeCommit counts what a commit of an operation sets, and how.
func (s *stream) seeCommit(c bumped, m moment) {
	o := m.op
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
	if o.clone != "" {
		s.count("released by a clone that has not fetched")
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
