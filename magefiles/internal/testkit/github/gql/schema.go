// Package gql executes GraphQL documents against a part of GitHub's schema: gqlparser parses and validates, resolvers
// give the values, and answers and errors have the form that GitHub gives them.
package gql

import (
	_ "embed"
	"errors"
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

//go:embed schema.graphql
var source string

// Schema is a parsed and validated schema.
type Schema struct {
	types *ast.Schema
	rules *rules.Rules
}

// Load parses the embedded schema.
func Load() (*Schema, error) {
	types, err := validator.LoadSchema(validator.Prelude, &ast.Source{Name: "schema.graphql", Input: source})
	if err != nil {
		return nil, fmt.Errorf("parsing GraphQL schema: %w", err)
	}
	return &Schema{types: types, rules: rules.NewDefaultRules()}, nil
}

// Fields names the fields of an object type, empty for an unknown one.
func (s *Schema) Fields(object string) []string {
	var names []string
	if def := s.types.Types[object]; def != nil {
		for _, f := range def.Fields {
			names = append(names, f.Name)
		}
	}
	return names
}

// Operation is one valid operation of a document, with its variables coerced.
type Operation struct {
	schema     *Schema
	definition *ast.OperationDefinition
	variables  map[string]any
}

// Request is the JSON body of a POST to /graphql.
type Request struct {
	Query         string         `json:"query"`
	OperationName string         `json:"operationName"`
	Variables     map[string]any `json:"variables"`
}

// Prepare parses and validates a document and coerces its variables. The errors are ready to be sent.
func (s *Schema) Prepare(r Request) (*Operation, []Error) {
	document, err := parser.ParseQuery(&ast.Source{Input: r.Query})
	if err != nil {
		return nil, published(err)
	}
	if errs := validator.ValidateWithRules(s.types, document, s.rules); len(errs) > 0 {
		return nil, published(errs)
	}
	definition := document.Operations.ForName(r.OperationName)
	if definition == nil || (r.OperationName == "" && len(document.Operations) > 1) {
		return nil, []Error{{Message: "An operation name is required"}}
	}
	o := &Operation{schema: s, definition: definition}
	if o.variables, err = validator.VariableValues(s.types, definition, r.Variables); err != nil {
		return nil, []Error{invalidVariable(definition, err)}
	}
	return o, nil
}

// String names the operation for logs: its kind and top-level fields, "mutation createCommitOnBranch".
func (o *Operation) String() string {
	var fields []string
	for _, selection := range o.definition.SelectionSet {
		name := "..."
		if f, ok := selection.(*ast.Field); ok {
			name = f.Name
		}
		fields = append(fields, name)
	}
	return string(o.definition.Operation) + " " + strings.Join(fields, ",")
}

// published turns the errors of gqlparser into the form of an answer.
func published(err error) []Error {
	var list gqlerror.List
	var one *gqlerror.Error
	if !errors.As(err, &list) && errors.As(err, &one) {
		list = gqlerror.List{one}
	}
	if list == nil {
		return []Error{{Message: err.Error()}}
	}
	errs := make([]Error, 0, len(list))
	for _, e := range list {
		published := Error{Message: e.Message}
		for _, l := range e.Locations {
			published.Locations = append(published.Locations, Location{Line: l.Line, Column: l.Column})
		}
		errs = append(errs, published)
	}
	return errs
}

// IsMutation reports whether the operation writes.
func (o *Operation) IsMutation() bool { return o.definition.Operation == ast.Mutation }
