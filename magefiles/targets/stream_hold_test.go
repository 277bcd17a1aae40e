package targets_test

import (
	"maps"
	"slices"
)

// hold keeps a component from changing. Without a rejected build a person froze it.
type hold struct {
	component string
	rejected  revision // that counted as deployed
	tag       revision // that the value named
	image     revision // the one that first had the rejected image; 0 where the image that comes back is the same
	lift      bool     // only a person ends it
	reason    string
}

// holding reports whether a component is held.
func (s standing) holding(component string) bool {
	return slices.ContainsFunc(s.holds, func(h hold) bool { return h.component == component })
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
	i := slices.IndexFunc(s.holds, func(other hold) bool {
		return other.component == h.component && other.rejected == h.rejected && other.tag == h.tag
	})
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
		next.put(hold{
			component: component, rejected: seen.counted(component), tag: seen.deployed[component], image: image,
			lift: lift, reason: reason,
		})
		next.deployed[component] = target[component]
	}
	moved := slices.ContainsFunc(rejected, func(component string) bool { return s.deployed[component] != seen.deployed[component] })
	if moved && !maps.Equal(s.deployed, next.deployed) {
		return s, refuse(movedOn, ofAnother)
	}
	return s.compare(next)
}
