package edit

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit"
)

// fileEdit is the edit of one file under way.
type fileEdit struct {
	snapshot *repo.Snapshot
	file     plan.File
	original []byte

	assigned []Assignment // in the order of the file's edits
	pins     []componentPin
	names    []imageName // see imageNames
}

// componentPin is a digest that stays beside a value of a component.
type componentPin struct {
	yamledit.Pin
	edit plan.Edit
}

func (e *fileEdit) editOptions() yamledit.Options {
	return yamledit.Options{Create: e.file.Create, Shared: e.file.Shared}
}

// applyEdits applies all components at once where their expressions say which component sets what, because a large file takes
// seconds for each evaluation; else one after the other, so that each assignment has an owner.
func (e *fileEdit) applyEdits() ([]byte, error) {
	if len(e.file.Edits) == 0 {
		return e.original, nil
	}
	if owner := plainOwners(e.file.Edits); owner != nil {
		edit, err := e.editOptions().Apply(e.original, expressionsOf(e.file.Edits)...)
		if err != nil {
			return nil, locateError(e.snapshot, err, e.file.Path)
		}
		if e.assignOwners(edit, owner) {
			return edit.Bytes, nil
		}
	}
	doc, mistakes := e.original, []error(nil)
	for _, each := range e.file.Edits {
		edit, err := e.editOptions().Apply(doc, each.Expressions...)
		if err != nil {
			mistakes = append(mistakes, locateError(e.snapshot, err, e.file.Path))
			continue
		}
		e.takeTargets(edit, each)
		doc = edit.Bytes
	}
	if len(mistakes) > 0 {
		return nil, errors.Join(mistakes...)
	}
	e.settleScalars()
	return doc, nil
}

// applyEach applies each component's expressions to the file as it is, so that none sees what another's would make of it.
func (e *fileEdit) applyEach() error {
	if owner := plainOwners(e.file.Edits); owner != nil {
		_, err := e.applyEdits()
		return err
	}
	for _, each := range e.file.Edits {
		edit, err := e.editOptions().Apply(e.original, each.Expressions...)
		if err != nil {
			return locateError(e.snapshot, err, e.file.Path)
		}
		e.takeTargets(edit, each)
	}
	return nil
}

// assignOwners takes the targets of an edit of all components, each by the owner of its path; false if one has none.
func (e *fileEdit) assignOwners(edit *yamledit.Edit, owner map[string]component.Name) bool {
	var all []Assignment
	rank := map[component.Name]int{}
	for i, each := range e.file.Edits {
		rank[each.Component] = i
	}
	for _, t := range slices.Concat(edit.Targets, edit.Added) {
		name, ok := owner[t.Path]
		if !ok {
			return false
		}
		a := e.newAssignment(t, e.file.Edits[rank[name]])
		a.expression = expressionsOf(e.file.Edits)[t.Expression]
		all = append(all, a)
	}
	slices.SortStableFunc(all, func(a, b Assignment) int {
		return cmp.Or(cmp.Compare(rank[a.Edit.Component], rank[b.Edit.Component]), cmp.Compare(a.line, b.line))
	})
	e.assigned = all
	for _, p := range edit.Pins {
		e.pins = append(e.pins, componentPin{p, e.file.Edits[rank[owner[p.Beside]]]})
	}
	return true
}

// takeTargets adds the targets of one component's edit.
func (e *fileEdit) takeTargets(edit *yamledit.Edit, of plan.Edit) {
	all := slices.Concat(edit.Targets, edit.Added)
	slices.SortStableFunc(all, func(a, b yamledit.Target) int { return cmp.Compare(a.Line, b.Line) })
	for _, t := range all {
		e.assigned = append(e.assigned, e.newAssignment(t, of))
	}
	for _, p := range edit.Pins {
		e.pins = append(e.pins, componentPin{p, of})
	}
}

func (e *fileEdit) newAssignment(t yamledit.Target, of plan.Edit) Assignment {
	a := Assignment{
		Scalar: Scalar{Path: t.Path, Document: t.Document}, File: e.file.Path, line: t.Line, Edit: of,
		Before: t.Value, found: t.Value, own: t.New, After: t.New, shared: t.Shared,
	}
	if t.Expression < len(of.Expressions) {
		a.expression = of.Expressions[t.Expression]
	}
	return a
}

// settleScalars sets the same value in the assignments of one scalar before and after: that of the file, and the last one.
func (e *fileEdit) settleScalars() {
	first, last := map[Scalar]Assignment{}, map[Scalar]string{}
	for _, a := range e.assigned {
		if _, known := first[a.Scalar]; !known {
			first[a.Scalar] = a
		}
		last[a.Scalar] = a.own
	}
	for i, a := range e.assigned {
		e.assigned[i].Before, e.assigned[i].line, e.assigned[i].After = first[a.Scalar].Before, first[a.Scalar].line, last[a.Scalar]
	}
}

// changes are the assignments that change something.
func (e *fileEdit) changes() []Change {
	var all []Change
	for _, a := range e.assigned {
		if a.Before != a.After {
			all = append(all, a.Change())
		}
	}
	return all
}

// namesImage reports whether a text names the image of the assignment's component, and not only another component's whose name ends or
// begins like it: admin-web-1 is not web-1.
func (e *fileEdit) namesImage(a Assignment, text string) bool {
	own := a.Edit.Names()
	for _, other := range e.imageNames() {
		if other.component == a.Edit.Component || !strings.Contains(text, other.name) {
			continue
		}
		isPart := func(name string) bool { return name != other.name && strings.Contains(other.name, name) }
		if slices.ContainsFunc(own, isPart) {
			text = strings.ReplaceAll(text, other.name, "")
		}
	}
	return a.Names(text)
}

// imageName is a tag, a digest or a reference that names a component's image.
type imageName struct {
	component component.Name
	name      string
}

// imageNames are the names of all images that the file is to name. They are found once: each assignment is held against all.
func (e *fileEdit) imageNames() []imageName {
	if e.names == nil {
		for _, edit := range e.file.Edits {
			for _, name := range edit.Names() {
				e.names = append(e.names, imageName{edit.Component, name})
			}
		}
	}
	return e.names
}
