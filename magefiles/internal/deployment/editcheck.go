package deployment

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/values"
)

// check refuses an edit after which the file would not name each component's image, or would name another one beside it.
func (e *fileEdit) check() error {
	var mistakes []error
	for _, find := range []func() []error{e.overwritten, e.unnamed, e.pinned, e.leftOut} {
		mistakes = append(mistakes, find()...)
		if len(mistakes) > 0 {
			break
		}
	}
	return errors.Join(mistakes...)
}

// overwritten finds scalars that two components give different values of which the last one names the image of one alone:
// the other image would silently not be deployed.
func (e *fileEdit) overwritten() (mistakes []error) {
	for i, a := range e.assigned {
		if a.own == a.after || a.names(a.own) && e.named(a, a.after) {
			continue
		}
		for _, b := range e.assigned[i+1:] {
			if b.scalar == a.scalar && b.edit.Component != a.edit.Component {
				mistakes = append(mistakes, problem.New(problem.Usage, "name the component in deploy.set of astrago.yaml: {{ .Component }}",
					"setting %s: components %q and %q both set it, to different values", a.path, a.edit.Component, b.edit.Component).At(a.place(e.snapshot)))
				break
			}
		}
	}
	return mistakes
}

// unnamed finds expressions that are to name an image and leave a value without it, such as a sub that does not match.
func (e *fileEdit) unnamed() (mistakes []error) {
	for _, edit := range e.file.Edits {
		for _, x := range edit.Expressions {
			var missed []assignment
			named := false
			for _, a := range e.assigned {
				if a.edit.Component != edit.Component || a.expression != x || !a.mentions() {
					continue
				}
				named = named || e.named(a, a.own)
				if !e.named(a, a.own) && (a.own == a.found && strings.Contains(x, "|=")) {
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
func (e *fileEdit) firstOf(edit plan.Edit, x string) []assignment {
	for i, a := range e.assigned {
		if a.edit.Component == edit.Component && a.expression == x && a.mentions() {
			return e.assigned[i : i+1]
		}
	}
	return nil
}

func (e *fileEdit) notNamed(a assignment) error {
	change := a.change()
	return problem.New(problem.Refused, "compare the expression with the value in the file: a pattern that does not match changes nothing",
		"setting %s for %q: the expression %#q leaves a value without the image's tag or digest: %s", a.path, a.edit.Component, a.expression,
		described(change.New)).At(a.place(e.snapshot))
}

// described is an excerpt, or that there is no value.
func described(e values.Excerpt) string {
	if e.IsZero() {
		return "it is empty"
	}
	return e.String()
}

// pinned finds digests of another image, beside a value or within it, that would decide what runs.
func (e *fileEdit) pinned() (mistakes []error) {
	const remedy = "set the digest as well: one more expression of `set` with {{ .Digest }}, or {{ .Ref }} for a whole reference;\nor take the digest out of the file once"
	for _, p := range e.pins {
		if p.edit.Image == "" {
			continue
		}
		mistakes = append(mistakes, problem.New(problem.Refused, remedy,
			"setting %s: the digest at %s would stay, and decide which image runs", p.Beside, p.Path).
			At(problem.Place{File: e.snapshot.place(e.file.Path), Line: p.Line}))
	}
	for _, a := range e.assigned {
		if what := a.staleDigest(); what != "" {
			mistakes = append(mistakes, problem.New(problem.Refused, remedy, "setting %s: %s", a.path, what).At(a.place(e.snapshot)))
		}
	}
	return mistakes
}

// staleDigest says what is wrong with the digest behind the tag in a value, "" where nothing is.
func (a assignment) staleDigest() string {
	if a.edit.Image == "" || !a.names(a.after) {
		return ""
	}
	names := a.edit.Names()
	tag, digest := names[0], names[1]
	if _, behind, ok := strings.Cut(a.after, tag+"@"); ok && !strings.HasPrefix(behind, digest) {
		return "the digest of another image would stay behind the tag"
	}
	old := a.change().Old
	if _, was := values.SplitName(old.Name()); was != "" && !strings.Contains(a.after, strings.TrimPrefix(digest, "sha256:")) {
		return "the digest behind the tag would be lost"
	}
	return ""
}

// leftOut finds scalars that components which the run leaves out set, too: these would be given an image that nobody looked
// for, past their holds.
func (e *fileEdit) leftOut() (mistakes []error) {
	if len(e.file.Others) == 0 || len(e.file.Edits) == 0 {
		return nil
	}
	if !e.file.Shared && plainOwners(slices.Concat(e.file.Edits, e.file.Others)) != nil {
		return nil // an anchor may give several paths one value
	}
	shared := e.sharedWithOthers()
	seen := map[scalar]bool{}
	for _, a := range e.assigned {
		others := shared[a.scalar]
		if len(others) == 0 || seen[a.scalar] {
			continue
		}
		seen[a.scalar] = true
		mistakes = append(mistakes, problem.New(problem.Refused,
			"take them together: "+fmt.Sprintf("-only=%s", strings.Join(append(e.setters(a.scalar), others...), ","))+", or leave -only out",
			"setting %s: it is the value of %s as well, which this run leaves out", a.path, strings.Join(others, " and ")).At(a.place(e.snapshot)))
	}
	return mistakes
}

// sharedWithOthers are the components that the run leaves out, by the scalars of the run that they set, too.
func (e *fileEdit) sharedWithOthers() map[scalar][]string {
	shared := map[scalar][]string{}
	add := func(at scalar, component string) {
		if !slices.Contains(shared[at], component) {
			shared[at] = append(shared[at], component)
		}
	}
	for _, other := range e.file.Others {
		edit, err := e.options().Apply(e.original, other.Expressions...)
		for _, a := range e.assigned {
			if err != nil { // what cannot be set is not shared, but for an alias
				if a.repeatedAt(other) {
					add(a.scalar, other.Component)
				}
				continue
			}
			isMine := func(t values.Target) bool { return a.scalar == scalar{t.Path, t.Document} }
			if slices.ContainsFunc(slices.Concat(edit.Targets, edit.Added), isMine) {
				add(a.scalar, other.Component)
			}
		}
	}
	return shared
}

// setters are the components that set a scalar.
func (e *fileEdit) setters(at scalar) []string {
	var names []string
	for _, a := range e.assigned {
		if a.scalar == at && !slices.Contains(names, a.edit.Component) {
			names = append(names, a.edit.Component)
		}
	}
	return names
}
