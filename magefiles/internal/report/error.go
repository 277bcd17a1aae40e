package report

import (
	"context"
	"errors"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Error is the reported form of an error: what happened, where, and what to do next, each on its own.
type Error struct {
	Message string  `json:"message"`
	Place   *Place  `json:"place,omitempty"`
	Remedy  string  `json:"remedy,omitempty"`
	Exit    int     `json:"exit"`
	More    []Error `json:"more,omitempty"` // the other errors, where several were found at once
}

// Place is a position in a file; zero means unknown.
type Place struct {
	File    string `json:"file"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Snippet string `json:"snippet,omitempty"`
}

// NewError takes an error apart. Joined errors (errors.Join anywhere in the chain) become one Error and More.
func NewError(err error) *Error {
	if err == nil {
		return nil
	}
	parts := splitJoined(err)
	first := parts[0]
	first.More = parts[1:]
	return &first
}

func exitOf(err error) int {
	if err == nil {
		return 0
	}
	if p := problem.As(err); p != nil {
		return p.ExitStatus()
	}
	if errors.Is(err, context.Canceled) {
		return problem.Interrupt
	}
	return problem.Failed
}

// splitJoined returns one Error per joined error, each under the words that wrap the join.
func splitJoined(err error) []Error {
	before, joined, after := findJoin(err)
	if joined == nil {
		return []Error{newError(err)}
	}
	var parts []Error
	for _, each := range joined {
		for _, part := range splitJoined(each) {
			part.Message = before + part.Message + after
			parts = append(parts, part)
		}
	}
	return parts
}

// findJoin walks down the chain to a list of errors, and says what the wrappers wrote around it. It stops at a Problem
// with a place or a remedy of its own, and at fmt.Errorf with several %w, whose text is not a list.
func findJoin(err error) (before string, joined []error, after string) {
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		p, ok := inner.(*problem.Problem) //nolint:errorlint // this link of the chain, not any below it
		if ok && (p.Place != problem.Place{} || p.Remedy != "") {
			return "", nil, ""
		}
		list, ok := inner.(interface{ Unwrap() []error })
		if !ok {
			continue
		}
		errs := list.Unwrap()
		if len(errs) == 0 || inner.Error() != errors.Join(errs...).Error() {
			return "", nil, ""
		}
		before, after, _ = strings.Cut(err.Error(), inner.Error())
		return before, errs, after
	}
	return "", nil, ""
}

// newError takes one chain apart: every Problem in it renders its place, snippet and remedy into the text, and they are
// taken out of it again.
func newError(err error) Error {
	e := Error{Message: err.Error(), Exit: exitOf(err)}
	for p := problem.As(err); p != nil; p = problem.As(p.Err) {
		e.Message = strings.Replace(e.Message, p.Error(), p.Err.Error(), 1)
		if e.Place == nil && p.Place.File+p.Place.Snippet != "" {
			e.Place = &Place{File: p.Place.File, Line: p.Place.Line, Column: p.Place.Column, Snippet: p.Place.Snippet}
		}
		if e.Remedy == "" {
			e.Remedy = p.Remedy
		}
	}
	return e
}

// String returns file:line:column with the unknown parts left out.
func (p *Place) String() string {
	if p == nil {
		return ""
	}
	return problem.Place{File: p.File, Line: p.Line, Column: p.Column}.String()
}
