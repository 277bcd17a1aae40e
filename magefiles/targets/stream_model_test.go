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

// revision is a commit of an application repository, as its place in the order in which they were made; 0 is none. Below 0 it is
// one of another application, whose value it is.
type revision int

func (r revision) isForeign() bool { return r < 0 }

// lineage is what is known of an application's commits.
type lineage interface {
	imageOf(component string, r revision) revision // the revision that first had the image of another
	relation(base, head revision) relation
}

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
	of       lineage
}

// verdict is how a command may end.
type verdict string

const (
	nothing verdict = "nothing to do"
	changes verdict = "commit"
)

func (v verdict) isNothing() bool { return v == nothing }

func (s standing) clone() standing {
	return standing{maps.Clone(s.deployed), slices.Clone(s.holds), s.of}
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

// deploy takes builds to a unit: none in the place of another application's value, none of what is held, unless it is newer than
// what was rejected and another image, which ends the hold, and none that is older than what it replaces.
func (s standing) deploy(target map[string]revision, o *operation) (standing, verdict) {
	next := s.clone()
	var reasons []string
	for _, component := range s.differing(target) {
		r, now := target[component], s.deployed[component]
		if now.isForeign() {
			reasons = append(reasons, ofAnother)
		} else if now != 0 {
			reasons = append(reasons, o.knows(s.of, now, r).refusal()...)
		}
		var left []hold
		for _, h := range next.holds {
			passes, ends := s.judge(h, component, r, o)
			if !passes {
				reasons = append(reasons, isHeld)
			}
			if !ends {
				left = append(left, h)
			}
		}
		next.holds, next.deployed[component] = left, r
	}
	if len(reasons) > 0 && !o.force {
		return s, refuse(reasons...)
	}
	return s.compare(next)
}

// judge reports whether a build passes a hold, and whether it ends it.
func (s standing) judge(h hold, component string, r revision, o *operation) (passes, ends bool) {
	if h.component != component {
		return true, false
	}
	if h.rejected == 0 || h.lift {
		return false, false
	}
	order := o.knows(s.of, h.rejected, r)
	if !order.passes() || h.image != 0 && s.of.imageOf(component, r) == h.image {
		return false, false
	}
	return true, order == ahead
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
		switch {
		case target[component] <= 0:
			return s, refuse(noImage)
		case seen.deployed[component].isForeign():
			return s, refuse(ofAnother)
		}
		image := s.of.imageOf(component, seen.deployed[component])
		if image == s.of.imageOf(component, target[component]) {
			image = 0 // another tag of the same image is rejected
		}
		next.put(hold{component: component, rejected: seen.deployed[component], image: image, lift: lift, reason: reason})
		next.deployed[component] = target[component]
	}
	moved := slices.ContainsFunc(rejected, func(component string) bool { return s.deployed[component] != seen.deployed[component] })
	if moved && !maps.Equal(s.deployed, next.deployed) {
		return s, refuse(movedOn, ofAnother)
	}
	return s.compare(next)
}
