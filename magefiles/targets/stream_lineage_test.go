package targets_test

import "slices"

// relation is how a commit stands to another.
type relation string

const (
	ahead    relation = "ahead"
	behind   relation = "behind"
	diverged relation = "diverged" // of which neither contains the other
	same     relation = "same"
	unknown  relation = "unknown"
)

// passes reports whether a build may stand in the place of another.
func (r relation) passes() bool { return r == ahead || r == diverged }

// refusal is why it may not.
func (r relation) refusal() []string {
	switch r {
	case behind:
		return []string{isOlder}
	case unknown:
		return []string{isUnknown}
	}
	return nil
}

// relation follows the parents of commits.
func (a *source) relation(base, head revision) relation {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case base == head:
		return same
	case a.contains(head, base):
		return ahead
	case a.contains(base, head):
		return behind
	}
	return diverged
}

func (a *source) contains(r, ancestor revision) bool {
	for ; r > 0; r = a.parents[r] {
		if r == ancestor {
			return true
		}
	}
	return false
}

// imageOf is the revision that first had what a component's image of a revision holds. Words are in no image.
func (a *source) imageOf(component string, r revision) revision {
	a.mu.Lock()
	defer a.mu.Unlock()
	return revision(slices.IndexFunc(a.programs, func(p map[string]string) bool { return p[component] == a.programs[r][component] }))
}

// The clones that have no more than the commit which is released, and what it descends from.
const (
	cutOff  = "a clone that has not fetched, and cannot"
	fetches = "a clone that has not fetched"
)

// knows is what the operation's clone can tell of two commits.
func (o *operation) knows(of lineage, base, head revision) relation {
	order := of.relation(base, head)
	if o.clone == cutOff && order != ahead && order != same {
		return unknown
	}
	return order
}
