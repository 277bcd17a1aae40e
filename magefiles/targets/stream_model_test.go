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
	isSame(component string, a, b revision) bool // whether the unit's tags of two revisions name one image in the registry
}

// standing is what a unit has deployed, and what is held there.
type standing struct {
	deployed map[string]revision // by component: what its value names
	kept     map[named]revision  // what was released last with an image that keeps the tag of an earlier revision
	holds    []hold
	policy   policy
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
	return standing{maps.Clone(s.deployed), maps.Clone(s.kept), slices.Clone(s.holds), s.policy, s.of}
}

// String is the same for what is the same.
func (s standing) String() string {
	var parts []string
	for component, r := range s.deployed {
		parts = append(parts, fmt.Sprintf("%s=%d", component, r))
	}
	for n, r := range s.kept {
		parts = append(parts, fmt.Sprintf("%s=%d is of %d", n.component, n.revision, r))
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
// what was rejected and another image, which ends the hold, and none that is older than what it replaces. A component that keeps
// its value passes a hold, as it stays what it is, and is no less newer for that.
func (s standing) deploy(target map[string]revision, o *operation) (standing, verdict) {
	next, unchanged := s.clone(), s.unchanged(target)
	var reasons []string
	for _, component := range s.differing(target) {
		r, keeps := target[component], slices.Contains(unchanged, component)
		reasons = append(reasons, s.order(component, r, o)...)
		var left []hold
		for _, h := range next.holds {
			passes, ends := s.judge(h, component, r, o)
			if !passes && !keeps {
				reasons = append(reasons, isHeld)
			}
			if !ends {
				left = append(left, h)
			}
		}
		if next.holds = left; keeps {
			next.kept[named{component, s.deployed[component]}] = r
		} else {
			next.deployed[component] = r
		}
	}
	switch {
	case maps.Equal(next.deployed, s.deployed) && maps.Equal(next.kept, s.kept):
		return s, nothing
	case len(reasons) > 0 && !o.force:
		return s, refuse(reasons...)
	}
	return s.compare(next)
}

// order is why a build may not stand in the place of what is deployed.
func (s standing) order(component string, r revision, o *operation) []string {
	switch now := s.counted(component); {
	case now.isForeign():
		return []string{ofAnother}
	case now != 0:
		return o.knows(s.of, now, r).refusal()
	}
	return nil
}
