// Package yamledit changes string scalars of a YAML values file and leaves every other byte as it is.
//
// yq decides and bytes are spliced: yq's evaluator says which scalars an expression sets and to what, the new text is
// put over the old one in the file itself, and the result is proved. Proved means: the edited bytes, decoded again,
// are exactly the tree that yq's evaluation gives, and outside the replaced scalars no byte differs. What cannot be
// proved is refused. yq's own writer is not used, because it reformats the file (and changes the meaning of some).
package yamledit

import "github.com/xiilab/astrago-ci/magefiles/internal/yamledit/source"

// Edit is the effect of expressions on one file.
type Edit struct {
	Bytes   []byte   // the whole new file; the given bytes themselves when there is nothing to do
	Changes []Change // scalars that get another value, in the order of the file; empty: nothing to do
	Targets []Target // existing scalars that the expressions assign, changed or not, in the order of the file
	Added   []Target // scalars that the expressions add, in the order of the file
	Pins    []Pin    // digests that stand beside a target and that no expression sets, in the order of the file
}

// Change is one scalar that gets another value. Old and New are the file's own text, which may hold credentials: outside
// of the file an Excerpt of them is shown.
type Change struct {
	Path string // as yq prints it: images[0].tag
	Old  string // "" for an added key
	New  string
	Line int // of the value in the given file, from 1; an added key goes in front of this line

	Document int      // that the scalar is in, from 0
	Shared   []string // other places that repeat the scalar by its anchor, as "path (line n)"; only with Options.Shared
}

// Target is a scalar that the expressions assign, with the value it has now and the one it gets.
type Target struct {
	Path  string // as yq prints it
	Value string // "" for an added key
	Line  int    // from 1

	Document   int
	New        string   // equal to Value where nothing is to do
	Expression int      // index of the last expression that assigns it
	Shared     []string // as in Change
}

// Pin is a digest beside a target: readers that know both take the digest.
type Pin struct {
	Path     string // of the digest, as yq prints it
	Line     int    // from 1
	Document int
	Beside   string // path of the target
}

// Options permit more than changing scalars that exist. The zero value permits nothing more.
type Options struct {
	Create bool // add a missing key to the end of an existing block map
	Shared bool // set a scalar that aliases repeat elsewhere; all its places change
}

// Apply evaluates yq expressions on doc, one after the other, and returns the edited file. Any expression whose effect
// is to give new values to existing string scalars is accepted. In a file of several documents it must name one, as
// in `(select(documentIndex == 0) | .a) = "x"`; expressions do not see each other's selection.
//
// Errors are of type *problem.Problem, with line and column where known and without the file's name: problem.Usage for an
// expression that yq cannot parse or that uses its environment, file and system operators, problem.Refused for all
// that is not a change of existing string scalars that no alias repeats. doc is never modified. Apply is safe for concurrent use.
func Apply(doc []byte, expressions ...string) (*Edit, error) {
	return Options{}.Apply(doc, expressions...)
}

// Apply is the package's Apply under these options.
func (o Options) Apply(doc []byte, expressions ...string) (*Edit, error) {
	return applyExpressions(doc, expressions, policy{create: o.Create, shared: o.Shared, check: checkValue})
}

// policy holds the restrictions of an edit.
type policy struct {
	create, shared bool
	check          func(value string) error
}

func applyExpressions(doc []byte, expressions []string, p policy) (*Edit, error) {
	if text, shift := source.ReadJSON(doc); shift != nil {
		return applyJSON(doc, text, shift, expressions, p)
	}
	edit, _, err := applyText(doc, expressions, p)
	return edit, err
}

// applyText is apply for a file that is YAML as it stands. It also returns what it writes over the file.
func applyText(doc []byte, expressions []string, p policy) (*Edit, []source.Replacement, error) {
	src, err := source.New(doc)
	if err != nil {
		return nil, nil, err
	}
	docs, err := decodeDocuments(src)
	if err != nil {
		return nil, nil, err
	}
	unreached, err := evaluateAll(src, docs, expressions)
	if err != nil {
		return nil, nil, err
	}
	found, err := compareTrees(src, docs, p)
	if err != nil && len(expressions) == 1 {
		unreached = nil // what the expression does instead says more
	}
	if err := joinProblems(append([]error{err}, unreached...)...); err != nil {
		return nil, nil, err
	}
	replacements, err := found.replacements()
	if err != nil {
		return nil, nil, err
	}
	edit := &Edit{
		Bytes:   source.Splice(doc, replacements),
		Changes: found.changes(), Targets: found.targets(), Added: found.addedTargets(), Pins: found.pins(),
	}
	if len(replacements) == 0 {
		return edit, nil, nil
	}
	return edit, replacements, verifyEdit(src, edit.Bytes, replacements, docs)
}
