package contract

import (
	"net/http"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"
)

// forbidInventions makes the bodies of successful answers say no more than GitHub describes: a client that relies on a
// field which only the double has would fail on GitHub. Errors stay open, they have more fields than their description.
func forbidInventions(operation *openapi3.Operation, seen map[*openapi3.Schema]bool) {
	for code, response := range operation.Responses.Map() {
		if status, err := strconv.Atoi(code); err != nil || status >= http.StatusMultipleChoices {
			continue
		}
		for _, media := range response.Value.Content {
			closeObjects(media.Schema, seen)
		}
	}
}

// closeObjects forbids further properties of a schema and of all that it holds. Parts of an allOf describe one object
// together, so none of them may.
func closeObjects(ref *openapi3.SchemaRef, seen map[*openapi3.Schema]bool) {
	if ref == nil || ref.Value == nil || seen[ref.Value] {
		return
	}
	schema := ref.Value
	seen[schema] = true
	open := schema.AdditionalProperties.Has == nil && schema.AdditionalProperties.Schema == nil
	if open && len(schema.Properties) > 0 && len(schema.AllOf) == 0 {
		schema.AdditionalProperties.Has = new(false)
	}
	for _, property := range schema.Properties {
		closeObjects(property, seen)
	}
	for _, alternatives := range []openapi3.SchemaRefs{schema.OneOf, schema.AnyOf} {
		for _, alternative := range alternatives {
			closeObjects(alternative, seen)
		}
	}
	closeObjects(schema.Items, seen)
	closeObjects(schema.AdditionalProperties.Schema, seen)
}

// keepPartsOpen marks the parts of allOf as seen: what describes one object together with others stays open also where it
// describes one alone, as the rules of a ruleset do.
func keepPartsOpen(document *openapi3.T, seen map[*openapi3.Schema]bool) {
	for _, component := range document.Components.Schemas {
		for _, alternative := range append(openapi3.SchemaRefs{component}, component.Value.OneOf...) {
			for _, part := range alternative.Value.AllOf {
				seen[part.Value] = true
			}
		}
	}
}
