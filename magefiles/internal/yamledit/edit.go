package yamledit

import (
	"cmp"
	"slices"
)

// changes reports what gets another value, in the order of the file.
func (c *comparison) changes() []Change {
	var all []Change
	for _, t := range slices.Concat(c.targets(), c.addedTargets()) {
		if t.Value != t.New {
			all = append(all, Change{Path: t.Path, Old: t.Value, New: t.New, Line: t.Line, Document: t.Document, Shared: t.Shared})
		}
	}
	slices.SortStableFunc(all, func(a, b Change) int { return cmp.Compare(a.Line, b.Line) })
	return all
}

// targets reports the existing scalars that the expressions assign, in the order of the file.
func (c *comparison) targets() []Target {
	var all []Target
	for _, s := range c.settings {
		all = append(all, Target{
			Path: s.to.GetNicePath(), Value: s.node.Value, New: s.to.Value, Line: s.node.Line,
			Document: int(s.to.GetDocument()), Expression: assignedBy(s.to), Shared: s.shared,
		})
	}
	return all
}

// addedTargets reports the scalars that the expressions add; their lines are known once the text for them is made.
func (c *comparison) addedTargets() []Target {
	var all []Target
	for _, a := range c.additions {
		all = append(all, Target{
			Path: a.value.GetNicePath(), New: a.value.Value, Line: a.line,
			Document: int(a.value.GetDocument()), Expression: assignedBy(a.value),
		})
	}
	return all
}
