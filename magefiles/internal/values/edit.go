package values

import (
	"cmp"
	"slices"
)

// changes reports what gets another value, in the order of the file.
func (c *comparison) changes() []Change {
	var all []Change
	for _, s := range c.settings {
		if s.node.Value != s.to.Value {
			all = append(all, Change{Path: s.to.GetNicePath(), Old: s.node.Value, New: s.to.Value, Line: s.node.Line})
		}
	}
	for _, a := range c.additions {
		all = append(all, Change{Path: a.value.GetNicePath(), New: a.value.Value, Line: a.line})
	}
	slices.SortStableFunc(all, func(a, b Change) int { return cmp.Compare(a.Line, b.Line) })
	return all
}

// targets reports the existing scalars that the expressions assign, in the order of the file.
func (c *comparison) targets() []Target {
	var all []Target
	for _, s := range c.settings {
		all = append(all, Target{Path: s.to.GetNicePath(), Value: s.node.Value, Line: s.node.Line})
	}
	return all
}
