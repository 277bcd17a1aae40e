package gql

import (
	"errors"
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Error is one entry of "errors" in an answer, in GitHub's form. GitHub sends it with HTTP status 200.
type Error struct {
	Type       string         `json:"type,omitempty"`
	Path       []any          `json:"path,omitempty"`
	Extensions map[string]any `json:"extensions,omitempty"`
	Locations  []Location     `json:"locations,omitempty"`
	Message    string         `json:"message"`
}

// Location is a place in the document, from 1.
type Location struct {
	Line   int `json:"line"`
	Column int `json:"column"`
}

// Fault is an error of a resolver that the client receives, with GitHub's type: NOT_FOUND, STALE_DATA, FORBIDDEN, ... Any other error
// becomes GitHub's "Something went wrong".
type Fault struct {
	Type       string
	Message    string
	Extensions map[string]any
}

func (f *Fault) Error() string { return f.Type + ": " + f.Message }

// brokenText is GitHub's message about an internal failure of a resolver.
const brokenText = "Something went wrong while executing your query. This may be the result of a timeout, or it could be " +
	"a GitHub bug. Please include `0000:0000:0000000:0000000:00000000` when reporting this issue."

// report turns a resolver's error into an entry of the answer.
func report(err error, field *ast.Field, path []any) Error {
	e := Error{Message: brokenText}
	if fault, ok := errors.AsType[*Fault](err); ok {
		e = Error{Type: fault.Type, Message: fault.Message, Extensions: fault.Extensions, Path: path}
	}
	if field.Position != nil {
		e.Locations = []Location{{Line: field.Position.Line, Column: field.Position.Column}}
	}
	return e
}

// invalidVariable words a variable of the wrong shape as graphql-ruby does, which GitHub runs: "Variable $input of type
// CreateCommitOnBranchInput! was provided invalid value for expectedHeadOid (Expected value to not be null)".
func invalidVariable(definition *ast.OperationDefinition, err error) Error {
	var cause *gqlerror.Error
	if !errors.As(err, &cause) || len(cause.Path) < 2 {
		return Error{Message: err.Error()}
	}
	name := fmt.Sprint(cause.Path[1])
	var where []string
	for _, step := range cause.Path[2:] {
		where = append(where, fmt.Sprint(step))
	}
	reason := cause.Message
	switch reason {
	case "must be defined", "cannot be null":
		reason = "Expected value to not be null"
	case "unknown field":
		reason = "Field is not defined on the input type"
	}
	kind, invalid := "", "invalid value"
	if v := definition.VariableDefinitions.ForName(name); v != nil {
		kind = v.Type.String()
	}
	if len(where) > 0 {
		invalid += " for " + strings.Join(where, ".")
	}
	return Error{
		Message:    fmt.Sprintf("Variable $%s of type %s was provided %s (%s)", name, kind, invalid, reason),
		Extensions: map[string]any{"problems": []any{map[string]any{"path": where, "explanation": reason}}},
	}
}
