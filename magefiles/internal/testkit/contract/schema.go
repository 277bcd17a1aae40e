package contract

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// schema is GitHub's public GraphQL schema.
type schema struct {
	types *ast.Schema
	rules *rules.Rules
}

func loadSchema(path string) (*schema, error) {
	types, err := parseSchema(path)
	if err != nil {
		return nil, err
	}
	return &schema{types: types, rules: rules.NewDefaultRules()}, nil
}

func parseSchema(path string) (*ast.Schema, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading a GraphQL schema: %w", err)
	}
	document, err := parser.ParseSchemas(validator.Prelude, &ast.Source{Name: path, Input: string(text)})
	if err != nil {
		return nil, fmt.Errorf("reading a GraphQL schema: %w", err)
	}
	for _, definition := range document.Definitions {
		definition.Fields = withoutRepeats(definition.Fields)
	}
	types, err := validator.ValidateSchemaDocument(document)
	if err != nil {
		return nil, fmt.Errorf("reading a GraphQL schema: %w", err)
	}
	return types, nil
}

// withoutRepeats leaves out fields that are defined again: GitHub publishes EnterpriseOwnerInfo with such a pair.
func withoutRepeats(fields ast.FieldList) ast.FieldList {
	var kept ast.FieldList
	for _, f := range fields {
		if kept.ForName(f.Name) == nil {
			kept = append(kept, f)
		}
	}
	return kept
}

// exchange holds a document, its variables and its answer against the schema.
func (s *schema) exchange(x exchange) error {
	if x.Status != http.StatusOK { // refused before the document was read
		return nil
	}
	var request struct {
		Query         string
		OperationName string
		Variables     map[string]any
	}
	if err := json.Unmarshal(x.sent, &request); err != nil {
		return fmt.Errorf("reading the request: %w", err)
	}
	document, err := s.document(request.Query)
	if err != nil {
		return err
	}
	operation := document.Operations.ForName(request.OperationName)
	if operation == nil {
		return fmt.Errorf("the document has no operation %q", request.OperationName)
	}
	if _, err := validator.VariableValues(s.types, operation, request.Variables); err != nil {
		return fmt.Errorf("variables: %w", err)
	}
	return s.answer(document, operation, x.Body)
}

// document parses a document and validates it.
func (s *schema) document(text string) (*ast.QueryDocument, error) {
	document, err := parser.ParseQuery(&ast.Source{Input: text})
	if err != nil {
		return nil, fmt.Errorf("document: %w", err)
	}
	var errs []error
	for _, err := range validator.ValidateWithRules(s.types, document, s.rules) {
		errs = append(errs, fmt.Errorf("document: %w", err))
	}
	return document, errors.Join(errs...)
}
