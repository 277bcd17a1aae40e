package targets_test

import (
	"maps"
	"slices"
)

// moment is the whole at a commit of the deployment repository.
type moment struct {
	sha      string
	op       *operation // that made it; nil: a colleague
	touched  string     // environment whose values it changed; "" for none
	restored int        // moment whose values a rollback restored
	units    map[unit]standing
	edge     string         // service that has set the contended value last
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
	if o.parts() {
		i, found := h.earlier(o.unit, read, o)
		if o.kind == rollback && found && maps.Equal(h[i].units[o.unit].deployed, h[read].units[o.unit].deployed) {
			return now, restored, nothing // it names what is there
		}
		return now, restored, refuse(isPart, noState, noImage)
	}
	if h[act].belongsToOther(o) && !o.force {
		return now, restored, refuse(ofAnother, noState, noImage, isHeld)
	}
	switch o.kind {
	case release, promote:
		target, found := h.target(o, read)
		if !found {
			return now, restored, refuse(noImage)
		}
		next, v = now.deploy(target, o)
	case rollback:
		i, found := h.earlier(o.unit, read, o)
		if !found {
			return now, restored, refuse(noState)
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

// target is what an operation takes to its unit, false where that does not exist: a promotion takes what counts as deployed.
func (h history) target(o *operation, read int) (target map[string]revision, found bool) {
	switch o.kind {
	case release:
		return o.target(o.build), true
	case promote:
		from := h[read].units[unit{o.service, "stage"}]
		target = map[string]revision{}
		for _, component := range o.chosen() {
			if from.deployed[component] == 0 {
				return nil, false
			}
			target[component] = from.counted(component)
		}
	}
	return target, true
}
