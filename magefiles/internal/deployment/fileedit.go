package deployment

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/values"
)

// fileEdit is the edit of one file under way.
type fileEdit struct {
	snapshot *Snapshot
	file     plan.File
	original []byte

	assigned []assignment // in the order of the file's edits
	pins     []pin
	names    []imageName // see imageNames
}

// pin is a digest that stays beside a value of a component.
type pin struct {
	values.Pin
	edit plan.Edit
}

func (e *fileEdit) options() values.Options {
	return values.Options{Create: e.file.Create, Shared: e.file.Shared}
}

// run applies all components at once where their expressions say which component sets what, because a large file takes
// seconds for each evaluation; else one after the other, so that each assignment has an owner.
func (e *fileEdit) run() ([]byte, error) {
	if len(e.file.Edits) == 0 {
		return e.original, nil
	}
	if owner := plainOwners(e.file.Edits); owner != nil {
		edit, err := e.options().Apply(e.original, expressions(e.file.Edits)...)
		if err != nil {
			return nil, e.snapshot.locate(err, e.file.Path)
		}
		if e.assign(edit, owner) {
			return edit.Bytes, nil
		}
	}
	doc, mistakes := e.original, []error(nil)
	for _, each := range e.file.Edits {
		edit, err := e.options().Apply(doc, each.Expressions...)
		if err != nil {
			mistakes = append(mistakes, e.snapshot.locate(err, e.file.Path))
			continue
		}
		e.take(edit, each)
		doc = edit.Bytes
	}
	if len(mistakes) > 0 {
		return nil, errors.Join(mistakes...)
	}
	e.settle()
	return doc, nil
}

// probe applies each component's expressions to the file as it is, so that none sees what another's would make of it.
func (e *fileEdit) probe() error {
	if owner := plainOwners(e.file.Edits); owner != nil {
		_, err := e.run()
		return err
	}
	for _, each := range e.file.Edits {
		edit, err := e.options().Apply(e.original, each.Expressions...)
		if err != nil {
			return e.snapshot.locate(err, e.file.Path)
		}
		e.take(edit, each)
	}
	return nil
}

// assign takes the targets of an edit of all components, each by the owner of its path; false if one has none.
func (e *fileEdit) assign(edit *values.Edit, owner map[string]string) bool {
	var all []assignment
	rank := map[string]int{}
	for i, each := range e.file.Edits {
		rank[each.Component] = i
	}
	for _, t := range slices.Concat(edit.Targets, edit.Added) {
		component, ok := owner[t.Path]
		if !ok {
			return false
		}
		a := e.assignment(t, e.file.Edits[rank[component]])
		a.expression = expressions(e.file.Edits)[t.Expression]
		all = append(all, a)
	}
	slices.SortStableFunc(all, func(a, b assignment) int {
		return cmp.Or(cmp.Compare(rank[a.edit.Component], rank[b.edit.Component]), cmp.Compare(a.line, b.line))
	})
	e.assigned = all
	for _, p := range edit.Pins {
		e.pins = append(e.pins, pin{p, e.file.Edits[rank[owner[p.Beside]]]})
	}
	return true
}

// take adds the targets of one component's edit.
func (e *fileEdit) take(edit *values.Edit, of plan.Edit) {
	all := slices.Concat(edit.Targets, edit.Added)
	slices.SortStableFunc(all, func(a, b values.Target) int { return cmp.Compare(a.Line, b.Line) })
	for _, t := range all {
		e.assigned = append(e.assigned, e.assignment(t, of))
	}
	for _, p := range edit.Pins {
		e.pins = append(e.pins, pin{p, of})
	}
}

func (e *fileEdit) assignment(t values.Target, of plan.Edit) assignment {
	a := assignment{
		scalar: scalar{path: t.Path, document: t.Document}, file: e.file.Path, line: t.Line, edit: of,
		before: t.Value, found: t.Value, own: t.New, after: t.New, shared: t.Shared,
	}
	if t.Expression < len(of.Expressions) {
		a.expression = of.Expressions[t.Expression]
	}
	return a
}

// settle gives the assignments of one scalar the same value before and after: that of the file, and the last one.
func (e *fileEdit) settle() {
	first, last := map[scalar]assignment{}, map[scalar]string{}
	for _, a := range e.assigned {
		if _, known := first[a.scalar]; !known {
			first[a.scalar] = a
		}
		last[a.scalar] = a.own
	}
	for i, a := range e.assigned {
		e.assigned[i].before, e.assigned[i].line, e.assigned[i].after = first[a.scalar].before, first[a.scalar].line, last[a.scalar]
	}
}

// changes are the assignments that change something.
func (e *fileEdit) changes() []FileChange {
	var all []FileChange
	for _, a := range e.assigned {
		if a.before != a.after {
			all = append(all, a.change())
		}
	}
	return all
}

// named reports whether a text names the image of the assignment's component, and not only another component's whose name ends or
// begins like it: admin-web-1 is not web-1.
func (e *fileEdit) named(a assignment, text string) bool {
	own := a.edit.Names()
	for _, other := range e.imageNames() {
		if other.component == a.edit.Component || !strings.Contains(text, other.name) {
			continue
		}
		isPart := func(name string) bool { return name != other.name && strings.Contains(other.name, name) }
		if slices.ContainsFunc(own, isPart) {
			text = strings.ReplaceAll(text, other.name, "")
		}
	}
	return a.names(text)
}

// imageName is a tag, a digest or a reference that names a component's image.
type imageName struct{ component, name string }

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
