package deployment

import (
	"slices"
	"strconv"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/values"
)

// assignment is one scalar that a component's expressions assign, changed or not. Its texts are the file's own: they are
// compared here, and never shown.
type assignment struct {
	scalar
	file       string
	line       int // in the file as it is
	edit       plan.Edit
	expression string   // the last of the edit's that assigns it
	before     string   // in the file as it is; "" for a key that is added
	found      string   // what the component's expressions found there, after those of the components before it
	own        string   // what they made of it
	after      string   // in the file as it is to be
	shared     []string // places that repeat it
}

// scalar is one place of a file.
type scalar struct {
	path     string
	document int
}

// key is the place in trailers and in comparisons: paths of a file's later documents have their number.
func (s scalar) key() string {
	if s.document == 0 {
		return s.path
	}
	return s.path + "#" + strconv.Itoa(s.document)
}

// names reports whether a text names the image of the assignment's component.
func (a assignment) names(text string) bool {
	return slices.ContainsFunc(a.edit.Names(), func(name string) bool { return strings.Contains(text, name) })
}

// mentions reports whether the expression is meant to name the image.
func (a assignment) mentions() bool { return a.names(a.expression) }

// repeatedAt reports whether a place that repeats the scalar is one that an edit sets by a plain path.
func (a assignment) repeatedAt(edit plan.Edit) bool {
	return slices.ContainsFunc(edit.Expressions, func(x string) bool {
		m := plainAssignment.FindStringSubmatch(x)
		return m != nil && slices.ContainsFunc(a.shared, func(place string) bool { return strings.HasPrefix(place, "."+m[1]+" (") })
	})
}

// change is the assignment as it may be shown.
func (a assignment) change() FileChange {
	names := a.edit.Names()
	if slices.ContainsFunc(a.edit.Expressions, func(x string) bool { return strings.Contains(x, a.after) }) {
		names = append(names, a.after) // astrago.yaml has it, so that it is no secret of the file
	}
	old, now := values.Excerpts(a.path, a.before, a.after, names...)
	now = now.Replaced(a.edit.PendingHash(), "…")
	return FileChange{
		File: a.file, Component: a.edit.Component, Path: a.path, Line: a.line, Document: a.document, Old: old, New: now, Shared: a.shared,
	}
}

// place is where the assignment stands in the deployment repository.
func (a assignment) place(s *Snapshot) problem.Place {
	return problem.Place{File: s.place(a.file), Line: a.line}
}
