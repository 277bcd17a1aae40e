// Package problem holds the one shape of an error that a person acts on: what happened, where, and what to do next,
// with the exit code that scripts decide on.
package problem

import (
	"errors"
	"fmt"
	"strings"
)

// Exit codes of every target (docs/operations.md, "Reports and exit codes").
const (
	Failed    = 1   // something went wrong that is none of the below
	Usage     = 2   // wrong usage or configuration
	Refused   = 3   // a guard refused: older build, missing key, moved tag, dirty tree
	Conflict  = 4   // a conflict outlasted its retries
	Interrupt = 130 // SIGINT
	Terminate = 143 // SIGTERM
)

// Again begins the remedy of what may go away by itself. Package cli puts the command line in its place.
const Again = "run the same command again"

// Problem is an error with a place, a remedy and an exit code. Wrap it freely: As finds it in any chain.
type Problem struct {
	Err    error  // what happened; its text is a lower-case gerund phrase without a final period
	Place  Place  // where, zero when the text already says it
	Remedy string // what to do next: the command to run, the permission to grant; may have several lines
	Status int    // exit code; zero means Failed
}

// Place is a position in a file that the reader can open. Line and Column start at 1, Column counts characters;
// zero means unknown.
type Place struct {
	File    string
	Line    int
	Column  int
	Snippet string // the source lines around it, already marked, without a final newline
}

// String returns file:line:column with the unknown parts left out.
func (p Place) String() string {
	switch {
	case p.File == "" || p.Line == 0:
		return p.File
	case p.Column == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// New makes a Problem from a message in the form of fmt.Errorf (%w works), with its exit code and remedy.
func New(status int, remedy, format string, args ...any) *Problem {
	return &Problem{Err: fmt.Errorf(format, args...), Remedy: remedy, Status: status}
}

// At sets the place and returns the same Problem, for use in a return statement.
func (p *Problem) At(place Place) *Problem {
	p.Place = place
	return p
}

// Error renders the place and the cause, then the snippet, then each line of the remedy behind an arrow.
func (p *Problem) Error() string {
	var b strings.Builder
	if where := p.Place.String(); where != "" {
		b.WriteString(where + ": ")
	}
	b.WriteString(p.Err.Error())
	if p.Place.Snippet != "" {
		b.WriteString("\n" + p.Place.Snippet)
	}
	for line := range strings.Lines(p.Remedy) {
		b.WriteString("\n  → " + strings.TrimSuffix(line, "\n"))
	}
	return b.String()
}

// Unwrap returns the cause.
func (p *Problem) Unwrap() error { return p.Err }

// ExitStatus is the process exit code; mage's generated main asks for it by this name.
func (p *Problem) ExitStatus() int {
	if p.Status == 0 {
		return Failed
	}
	return p.Status
}

// As finds the outermost Problem in err's chain, nil if there is none.
func As(err error) *Problem {
	p, _ := errors.AsType[*Problem](err)
	return p
}
