package deployment

import (
	"cmp"
	"regexp"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/values"
)

// plainAssignment is an expression that sets the one scalar at a dotted path, which values reports without its first dot.
var plainAssignment = regexp.MustCompile(`^\s*\.([A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z_][A-Za-z0-9_-]*)*)\s*=\s*"[^"|]*"\s*$`)

// plainOwners gives the component by the path that it sets, nil unless every expression is a plain assignment and no two
// components set the same path.
func plainOwners(edits []plan.Edit) map[string]string {
	owner := map[string]string{}
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

func expressions(edits []plan.Edit) []string {
	var all []string
	for _, e := range edits {
		all = append(all, e.Expressions...)
	}
	return all
}

// assign gives each change to the owner of its path, in the order of the edits; false if one has none.
func assign(changes []values.Change, f plan.File, owner map[string]string) ([]FileChange, bool) {
	owned := make([]FileChange, len(changes))
	for i, c := range changes {
		component, ok := owner[c.Path]
		if !ok {
			return nil, false
		}
		owned[i] = FileChange{File: f.Path, Component: component, Change: c}
	}
	rank := func(c FileChange) int {
		return slices.IndexFunc(f.Edits, func(e plan.Edit) bool { return e.Component == c.Component })
	}
	slices.SortStableFunc(owned, func(a, b FileChange) int { return cmp.Compare(rank(a), rank(b)) })
	return owned, true
}

// claims knows which component gave each scalar of one file which value.
type claims map[scalar]claim

type (
	scalar struct {
		path string
		line int // tells apart equal paths of several documents
	}
	claim struct{ component, value string }
)

// claim refuses a scalar that two components give different values: the last would win, and the other one's image would
// silently not be deployed.
func (all claims) claim(file, component string, edit *values.Edit) error {
	changed := map[scalar]string{}
	for _, c := range edit.Changes {
		changed[scalar{c.Path, c.Line}] = c.New
	}
	for _, t := range edit.Targets {
		at := scalar{t.Path, t.Line}
		value, ok := changed[at]
		if !ok {
			value = t.Value
		}
		if other, ok := all[at]; ok && other.value != value {
			return problem.New(problem.Usage, "name the component in deploy.set of astrago.yaml: {{ .Component }}",
				"setting %s: components %q and %q both set it, to different values", at.path, other.component, component).
				At(problem.Place{File: file, Line: at.line})
		}
		all[at] = claim{component, value}
	}
	return nil
}
