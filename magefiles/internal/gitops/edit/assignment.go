package edit

import (
	"slices"
	"strconv"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/excerpt"
)

// Assignment is one scalar that a component's expressions assign, changed or not. Its texts are the file's own: they are
// compared, and never shown.
type Assignment struct {
	Scalar
	File   string
	Edit   plan.Edit
	Before string // in the file as it is; "" for a key that is added
	After  string // in the file as it is to be

	line       int      // in the file as it is
	expression string   // the last of the edit's that assigns it
	found      string   // what the component's expressions found there, after those of the components before it
	own        string   // what they made of it
	shared     []string // places that repeat it
}

// Scalar is one place of a file.
type Scalar struct {
	Path     string
	Document int
}

// Key is the place in trailers and in comparisons: paths of a file's later documents have their number.
func (s Scalar) Key() string {
	if s.Document == 0 {
		return s.Path
	}
	return s.Path + "#" + strconv.Itoa(s.Document)
}

// Names reports whether a text names the image of the assignment's component.
func (a Assignment) Names(text string) bool {
	return slices.ContainsFunc(a.Edit.Names(), func(name string) bool { return strings.Contains(text, name) })
}

// mentionsImage reports whether the expression is meant to name the image.
func (a Assignment) mentionsImage() bool { return a.Names(a.expression) }

// repeatedAt reports whether a place that repeats the scalar is one that an edit sets by a plain path.
func (a Assignment) repeatedAt(edit plan.Edit) bool {
	return slices.ContainsFunc(edit.Expressions, func(x string) bool {
		m := plainAssignment.FindStringSubmatch(x)
		return m != nil && slices.ContainsFunc(a.shared, func(place string) bool { return strings.HasPrefix(place, "."+m[1]+" (") })
	})
}

// Change is the assignment as it may be shown.
func (a Assignment) Change() Change {
	names := a.Edit.Names()
	if slices.ContainsFunc(a.Edit.Expressions, func(x string) bool { return strings.Contains(x, a.After) }) {
		names = append(names, a.After) // astrago.yaml has it, so that it is no secret of the file
	}
	old, now := excerpt.Excerpts(a.Path, a.Before, a.After, names...)
	now = now.Replaced(a.Edit.PendingHash(), "…")
	return Change{
		File: a.File, Component: a.Edit.Component, Path: a.Path, Line: a.line, Document: a.Document, Old: old, New: now, Shared: a.shared,
	}
}

// place returns the assignment's place in the deployment repository.
func (a Assignment) place(s *repo.Snapshot) problem.Place {
	return problem.Place{File: s.Place(a.File), Line: a.line}
}

// InTrailer is the scalar as a bump's trailers have it: file and path, each a word.
func (a Assignment) InTrailer() string { return quoteWord(a.File) + " " + quoteWord(a.Key()) }

// quoteWord returns a text without white space, quoted where it has some.
func quoteWord(text string) string {
	if quoted := strconv.Quote(text); quoted != `"`+text+`"` || strings.ContainsFunc(text, isSpace) {
		return strings.ReplaceAll(quoted, " ", `\x20`)
	}
	return text
}

func isSpace(r rune) bool { return strings.ContainsRune(" \t\r\n\u0085\u00a0", r) }
