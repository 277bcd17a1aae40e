package edit

import (
	"regexp"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// plainAssignment is an expression that sets the one scalar at a dotted path, which values reports without its first dot.
var plainAssignment = regexp.MustCompile(`^\s*\.([A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z_][A-Za-z0-9_-]*)*)\s*=\s*"[^"|]*"\s*$`)

// plainOwners returns the component by the path that it sets, nil unless every expression is a plain assignment and no two
// components set the same path.
func plainOwners(edits []plan.Edit) map[string]component.Name {
	owner := map[string]component.Name{}
	for _, e := range edits {
		for _, x := range e.Expressions {
			m := plainAssignment.FindStringSubmatch(x)
			if m == nil {
				return nil
			}
			if other, taken := owner[m[1]]; taken && other != e.Component {
				return nil
			}
			owner[m[1]] = e.Component
		}
	}
	return owner
}

func expressionsOf(edits []plan.Edit) []string {
	var all []string
	for _, e := range edits {
		all = append(all, e.Expressions...)
	}
	return all
}
