package yamlschema

import (
	"cmp"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Problems is all that is wrong with a file, in the order of its lines. A file with one mistake gives the
// problem.Problem itself.
type Problems []*problem.Problem

// Error renders every problem with its place, one below the other.
func (p Problems) Error() string {
	messages := make([]string, len(p))
	for i, one := range p {
		messages[i] = one.Error()
	}
	return strings.Join(messages, "\n")
}

// Unwrap returns every problem to errors.Is and errors.As.
func (p Problems) Unwrap() []error {
	errs := make([]error, len(p))
	for i, one := range p {
		errs[i] = one
	}
	return errs
}

// ExitStatus is the exit code of a wrong configuration.
func (p Problems) ExitStatus() int { return problem.Usage }

// sortedError sorts the problems; it is nil where there are none.
func (p Problems) sortedError() error {
	slices.SortStableFunc(p, func(a, b *problem.Problem) int {
		return cmp.Or(cmp.Compare(a.Place.Line, b.Place.Line), cmp.Compare(a.Place.Column, b.Place.Column))
	})
	switch len(p) {
	case 0:
		return nil
	case 1:
		return p[0]
	default:
		return p
	}
}
