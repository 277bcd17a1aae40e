// Package values changes string scalars of a YAML values file and leaves every other byte as it is.
//
// yq decides and bytes are spliced: yq's evaluator says which scalars an expression sets and to what, the new text is
// put over the old one in the file itself, and the result is proved. Proved means: the edited bytes, decoded again,
// are exactly the tree that yq's evaluation gives, and outside the replaced scalars no byte differs. What cannot be
// proved is refused. yq's own writer is not used, because it reformats the file (and changes the meaning of some).
package values

// Edit is what expressions do to one file.
type Edit struct {
	Bytes   []byte   // the whole new file; the given bytes themselves when there is nothing to do
	Changes []Change // scalars that get another value, in the order of the file; empty: nothing to do
	Targets []Target // scalars that the expressions assign, changed or not, in the order of the file
}

// Change is one scalar that gets another value.
type Change struct {
	Path string // as yq prints it: images[0].tag
	Old  string // "" for an added key
	New  string
	Line int // of the value in the given file, from 1; an added key goes in front of this line
}

// Target is an existing scalar that the expressions assign, with the value it has now.
type Target struct {
	Path  string // as yq prints it
	Value string
	Line  int // from 1
}

// Options says what expressions may do beyond changing scalars that exist. The zero value permits nothing more.
type Options struct {
	Create bool // add a missing key to the end of an existing block map
}

// Apply evaluates yq expressions on doc, one after the other, and gives the edited file. Any expression whose effect
// is to give new values to existing string scalars is accepted. In a file of several documents it must name one, as
// in `(select(documentIndex == 0) | .a) = "x"`; expressions do not see each other's selection.
//
// Errors are of type *problem.Problem, with line and column where known and without the file's name: problem.Usage for an
// expression that yq cannot parse or that uses its environment, file and system operators, problem.Refused for all
// that is not a change of existing, unshared string scalars. doc is never modified. Apply is safe for concurrent use.
func Apply(doc []byte, expressions ...string) (*Edit, error) {
	return Options{}.Apply(doc, expressions...)
}

// Apply is the package's Apply under these options.
func (o Options) Apply(doc []byte, expressions ...string) (*Edit, error) {
	return apply(doc, expressions, policy{create: o.Create, check: checkValue})
}

// policy is what an edit is held to.
type policy struct {
	create bool
	check  func(value string) error
}

func apply(doc []byte, expressions []string, p policy) (*Edit, error) {
	src, err := newSource(doc)
	if err != nil {
		return nil, err
	}
	docs, err := decode(src)
	if err != nil {
		return nil, err
	}
	if err := evaluate(src, docs, expressions); err != nil {
		return nil, err
	}
	found, err := compare(src, docs, p)
	if err != nil {
		return nil, err
	}
	if len(expressions) > 0 && len(found.settings)+len(found.additions) == 0 {
		return nil, noTarget(expressions)
	}
	replacements, err := found.replacements()
	if err != nil {
		return nil, err
	}
	edit := &Edit{Bytes: splice(doc, replacements), Changes: found.changes(), Targets: found.targets()}
	if len(replacements) == 0 {
		return edit, nil
	}
	if err := prove(src, edit.Bytes, replacements, docs); err != nil {
		return nil, err
	}
	return edit, nil
}
