package edit

import (
	"errors"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/excerpt"
)

// checkAll refuses an edit after which the file would not name each component's image, or would name another one beside it.
func (e *fileEdit) checkAll() error {
	var mistakes []error
	for _, find := range []func() []error{e.findOverwritten, e.findUnnamed, e.findStaleDigests, e.findLeftOut} {
		mistakes = append(mistakes, find()...)
		if len(mistakes) > 0 {
			break
		}
	}
	return errors.Join(mistakes...)
}

// findOverwritten finds scalars that two components give different values of which the last one names the image of one alone:
// the other image would silently not be deployed.
func (e *fileEdit) findOverwritten() (mistakes []error) {
	for i, a := range e.assigned {
		if a.own == a.After || a.Names(a.own) && e.namesImage(a, a.After) {
			continue
		}
		for _, b := range e.assigned[i+1:] {
			if b.Scalar == a.Scalar && b.Edit.Component != a.Edit.Component {
				mistakes = append(mistakes, problem.New(problem.Usage, "name the component in deploy.set of astrago.yaml: {{ .Component }}",
					"setting %s: components %q and %q both set it, to different values", a.Path, a.Edit.Component, b.Edit.Component).
					At(a.place(e.snapshot)))
				break
			}
		}
	}
	return mistakes
}

// findUnnamed finds expressions that are to name an image and leave a value without it, such as a sub that does not match.
func (e *fileEdit) findUnnamed() (mistakes []error) {
	for _, edit := range e.file.Edits {
		for _, x := range edit.Expressions {
			var missed []Assignment
			named := false
			for _, a := range e.assigned {
				if a.Edit.Component != edit.Component || a.expression != x || !a.mentionsImage() {
					continue
				}
				named = named || e.namesImage(a, a.own)
				if !e.namesImage(a, a.own) && (a.own == a.found && strings.Contains(x, "|=")) {
					missed = append(missed, a)
				}
			}
			if !named && len(missed) == 0 {
				missed = e.firstOf(edit, x)
			}
			for _, a := range missed {
				mistakes = append(mistakes, e.notNamed(a))
			}
		}
	}
	return mistakes
}

// firstOf is the first assignment of an expression that mentions the image; none where it mentions no image, or where later
// expressions have set all that it did.
func (e *fileEdit) firstOf(edit plan.Edit, x string) []Assignment {
	for i, a := range e.assigned {
		if a.Edit.Component == edit.Component && a.expression == x && a.mentionsImage() {
			return e.assigned[i : i+1]
		}
	}
	return nil
}

func (e *fileEdit) notNamed(a Assignment) error {
	change := a.Change()
	return problem.New(problem.Refused, "compare the expression with the value in the file: a pattern that does not match changes nothing",
		"setting %s for %q: the expression %#q leaves a value without the image's tag or digest: %s",
		a.Path, a.Edit.Component, a.expression, describeExcerpt(change.New)).At(a.place(e.snapshot))
}

// describeExcerpt returns an excerpt, or that there is no value.
func describeExcerpt(e excerpt.Excerpt) string {
	if e.IsZero() {
		return "it is empty"
	}
	return e.String()
}

// findStaleDigests finds digests of another image, beside a value or within it, that would decide what runs.
func (e *fileEdit) findStaleDigests() (mistakes []error) {
	const remedy = "set the digest as well: one more expression of `set` with {{ .Digest }}, or {{ .Ref }} for a whole reference;\nor " +
		"take the digest out of the file once"
	for _, p := range e.pins {
		if p.edit.Image.IsZero() {
			continue
		}
		mistakes = append(mistakes, problem.New(problem.Refused, remedy,
			"setting %s: the digest at %s would stay, and decide which image runs", p.Beside, p.Path).
			At(problem.Place{File: e.snapshot.Place(e.file.Path), Line: p.Line}))
	}
	for _, a := range e.assigned {
		if what := e.staleDigest(a); what != "" {
			mistakes = append(mistakes, problem.New(problem.Refused, remedy, "setting %s: %s", a.Path, what).At(a.place(e.snapshot)))
		}
	}
	return mistakes
}

// findLeftOut finds scalars that components which the run leaves out set, too: these would get an image that no check has
// seen, past their holds.
func (e *fileEdit) findLeftOut() (mistakes []error) {
	if len(e.file.Others) == 0 || len(e.file.Edits) == 0 {
		return nil
	}
	if !e.file.Shared && plainOwners(slices.Concat(e.file.Edits, e.file.Others)) != nil {
		return nil // an anchor may give several paths one value
	}
	shared := e.sharedWithOthers()
	seen := map[Scalar]bool{}
	for _, a := range e.assigned {
		others := shared[a.Scalar]
		if len(others) == 0 || seen[a.Scalar] {
			continue
		}
		seen[a.Scalar] = true
		mistakes = append(mistakes, problem.New(problem.Refused,
			"take them together: -only="+component.Join(append(e.componentsSetting(a.Scalar), others...), ",")+", or leave -only out",
			"setting %s: it is the value of %s as well, which this run leaves out", a.Path, component.Join(others, " and ")).
			At(a.place(e.snapshot)))
	}
	return mistakes
}

// sharedWithOthers are the components that the run leaves out, by the scalars of the run that they set, too.
func (e *fileEdit) sharedWithOthers() map[Scalar][]component.Name {
	shared := map[Scalar][]component.Name{}
	add := func(at Scalar, name component.Name) {
		shared[at] = component.Add(shared[at], name)
	}
	for _, other := range e.file.Others {
		edit, err := e.editOptions().Apply(e.original, other.Expressions...)
		for _, a := range e.assigned {
			if err != nil { // what cannot be set is not shared, but for an alias
				if a.repeatedAt(other) {
					add(a.Scalar, other.Component)
				}
				continue
			}
			isMine := func(t yamledit.Target) bool { return a.Scalar == Scalar{t.Path, t.Document} }
			if slices.ContainsFunc(slices.Concat(edit.Targets, edit.Added), isMine) {
				add(a.Scalar, other.Component)
			}
		}
	}
	return shared
}

// componentsSetting are the components that set a scalar.
func (e *fileEdit) componentsSetting(at Scalar) []component.Name {
	var names []component.Name
	for _, a := range e.assigned {
		if a.Scalar == at {
			names = component.Add(names, a.Edit.Component)
		}
	}
	return names
}
