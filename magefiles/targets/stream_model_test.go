package targets_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The model says what the deployment repository may look like, as a person would reason about it. It knows no files, processes
// or requests. The repository's history is the order in which things happened: each commit is held against the model's state
// at its parent, and each command that made none against the states that it can have seen.

// unit is what is deployed as one: a service in an environment.
type unit struct{ service, environment string }

// revision is a commit of an application repository, as its place in the order of commits; 0 is none.
type revision int

// hold keeps a component from changing. Without a rejected build a person froze it.
type hold struct {
	component string
	rejected  revision
	image     revision // the one that first had the rejected image; 0 where the image that comes back is the same
	lift      bool     // only a person ends it
	reason    string
}

// standing is what a unit has deployed, and what is held there.
type standing struct {
	deployed map[string]revision // by component
	holds    []hold
	imageOf  func(component string, r revision) revision // the revision that first had the image of another
}

// verdict is how a command may end.
type verdict string

const (
	nothing verdict = "nothing to do"
	changes verdict = "commit"
	refused verdict = "refused"
)

func (s standing) clone() standing {
	return standing{maps.Clone(s.deployed), slices.Clone(s.holds), s.imageOf}
}

// String is the same for what is the same.
func (s standing) String() string {
	var parts []string
	for component, r := range s.deployed {
		parts = append(parts, fmt.Sprintf("%s=%d", component, r))
	}
	for _, h := range s.holds {
		parts = append(parts, fmt.Sprintf("%s held %+v", h.component, h))
	}
	slices.Sort(parts)
	return strings.Join(parts, " ")
}

// compare is the verdict on a change that nobody refuses.
func (s standing) compare(next standing) (standing, verdict) {
	if s.String() == next.String() {
		return s, nothing
	}
	return next, changes
}

// differing are the components that would change.
func (s standing) differing(target map[string]revision) []string {
	var names []string
	for component, r := range target {
		if s.deployed[component] != r {
			names = append(names, component)
		}
	}
	slices.Sort(names)
	return names
}

// deploy takes builds to a unit: none that is older than what it replaces, and none of what is held, unless it is newer than
// what was rejected and another image. That ends the hold.
func (s standing) deploy(target map[string]revision, force bool) (standing, verdict) {
	next := s.clone()
	for _, component := range s.differing(target) {
		r := target[component]
		ends := func(h hold) bool {
			other := h.image == 0 || s.imageOf(component, r) != h.image
			return h.component == component && h.rejected != 0 && !h.lift && r > h.rejected && other
		}
		held := slices.ContainsFunc(s.holds, func(h hold) bool { return h.component == component && !ends(h) })
		if !force && (held || r < s.deployed[component]) {
			return s, refused
		}
		next.holds = slices.DeleteFunc(next.holds, ends)
		next.deployed[component] = r
	}
	return s.compare(next)
}

// freeze is mage hold -reason.
func (s standing) freeze(components []string, reason string) (standing, verdict) {
	next := s.clone()
	for _, component := range components {
		next.put(hold{component: component, lift: true, reason: reason})
	}
	return s.compare(next)
}

// put replaces a hold against the same build; one without a reason keeps the earlier reason.
func (s *standing) put(h hold) {
	i := slices.IndexFunc(s.holds, func(other hold) bool { return other.component == h.component && other.rejected == h.rejected })
	if i < 0 {
		s.holds = append(s.holds, h)
		return
	}
	if h.reason == "" {
		h.reason = s.holds[i].reason
	}
	s.holds[i] = h
}

// thaw is mage hold -lift.
func (s standing) thaw(components []string) (standing, verdict) {
	next := s.clone()
	next.holds = slices.DeleteFunc(next.holds, func(h hold) bool { return slices.Contains(components, h.component) })
	return s.compare(next)
}

// takeBack replaces what a person saw with the target, and rejects it, also where others have replaced it by the same. What else
// they deployed there since then nobody has decided about.
func (s standing) takeBack(seen standing, target map[string]revision, lift bool, reason string) (standing, verdict) {
	next, rejected := s.clone(), seen.differing(target)
	for _, component := range rejected {
		if target[component] == 0 {
			return s, refused // there is no such image
		}
		image := s.imageOf(component, seen.deployed[component])
		if image == s.imageOf(component, target[component]) {
			image = 0 // another tag of the same image is rejected
		}
		next.put(hold{component: component, rejected: seen.deployed[component], image: image, lift: lift, reason: reason})
		next.deployed[component] = target[component]
	}
	moved := slices.ContainsFunc(rejected, func(component string) bool { return s.deployed[component] != seen.deployed[component] })
	if moved && !maps.Equal(s.deployed, next.deployed) {
		return s, refused
	}
	return s.compare(next)
}

// moment is the whole at a commit of the deployment repository.
type moment struct {
	sha      string
	op       *operation // that made it; nil: a colleague
	touched  string     // environment whose values it changed; "" for none
	restored int        // moment whose values a rollback restored
	units    map[unit]standing
	replicas map[string]int // by environment: what colleagues change in the same files
}

// history is all moments, oldest first.
type history []moment

// earlier finds the state to go back to: a step back is another state than any seen on the way, and what was taken back
// itself is no step.
func (h history) earlier(u unit, at int, o *operation) (int, bool) {
	seen := []standing{h[at].units[u]}
	steps, until := max(1, o.steps), -1
	for i := at; i >= 0; i-- {
		m := h[i]
		if m.touched != u.environment && i > 0 {
			continue
		}
		if i == until {
			until = -1
		}
		state := m.units[u]
		same := func(other standing) bool { return maps.Equal(other.deployed, state.deployed) }
		switch {
		case o.to != 0:
			if state.deployed[components[u.service][0]] == o.to {
				return i, true
			}
		case until < 0 && !slices.ContainsFunc(seen, same):
			seen = append(seen, state)
			if steps--; steps == 0 {
				return i, true
			}
		}
		if until < 0 && m.op != nil && m.op.kind == rollback && m.op.unit == u {
			until = m.restored
		}
	}
	return 0, false
}

// outcome is what an operation does that has read at one moment (for a promotion: its source) and acts at a later one.
func (h history) outcome(o *operation, read, act int) (next standing, restored int, v verdict) {
	now := h[act].units[o.unit]
	restored = -1
	switch o.kind {
	case release:
		next, v = now.deploy(o.target(o.build), o.force)
	case promote:
		source := h[read].units[unit{o.service, "stage"}].deployed
		target := map[string]revision{}
		for _, component := range o.chosen() {
			if target[component] = source[component]; target[component] == 0 {
				return now, restored, refused // there is no such image
			}
		}
		next, v = now.deploy(target, o.force)
	case rollback:
		i, found := h.earlier(o.unit, read, o)
		if !found {
			return now, restored, refused
		}
		restored = i
		next, v = now.takeBack(h[read].units[o.unit], h[i].units[o.unit].deployed, untilLift(o.unit), o.reason)
	case freeze:
		next, v = now.freeze(o.chosen(), o.reason)
	case lift:
		next, v = now.thaw(o.chosen())
	}
	return next, restored, v
}
