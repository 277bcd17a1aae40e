package contract

import (
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// description is GitHub's REST interface as GitHub describes it.
type description struct {
	document *openapi3.T
	router   routers.Router
	refusal  *openapi3.Schema // the body of every error that has no description of its own
}

// loadDescription reads the trimmed description and mends what keeps a checker from using it. The document as a whole
// is not validated: GitHub publishes it with conflicting paths.
func loadDescription(path string) (*description, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading GitHub's description: %w", err)
	}
	document, err := openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		return nil, fmt.Errorf("reading GitHub's description: %w", err)
	}
	// The decoder knows this media type by no other name; a body of it is one line of text.
	openapi3filter.RegisterBodyDecoder("application/vnd.github.sha", openapi3filter.PlainBodyDecoder)
	document.Servers = nil // the double has another host
	mendPaths(document)
	closed := map[*openapi3.Schema]bool{}
	keepPartsOpen(document, closed)
	for _, item := range document.Paths.Map() {
		for _, operation := range item.Operations() {
			mendRefusals(operation)
			forbidInventions(operation, closed)
		}
	}
	if err := mendLabels(document); err != nil {
		return nil, err
	}
	refusal := document.Components.Schemas["basic-error"]
	if refusal == nil || refusal.Value == nil {
		return nil, fmt.Errorf("reading GitHub's description: it has no schema basic-error")
	}
	d := &description{document: document, refusal: refusal.Value}
	if d.router, err = gorillamux.NewRouter(document); err != nil {
		return nil, fmt.Errorf("reading the paths of GitHub's description: %w", err)
	}
	return d, nil
}

// wide makes a parameter of the router match slashes too.
const wide = ":.+"

// mendPaths lets a parameter with slashes in it, which GitHub marks by an extension of its own, match them.
func mendPaths(document *openapi3.T) {
	paths := openapi3.NewPaths()
	for path, item := range document.Paths.Map() {
		for _, operation := range item.Operations() {
			for _, parameter := range append(operation.Parameters, item.Parameters...) {
				if slashes, _ := parameter.Value.Extensions["x-multi-segment"].(bool); slashes {
					path = strings.ReplaceAll(path, "{"+parameter.Value.Name+"}", "{"+parameter.Value.Name+wide+"}")
				}
			}
		}
		paths.Set(path, item)
	}
	document.Paths = paths
}

// mendRefusals takes the alternatives of an error's body for what they are: the two of 409 in PUT contents both accept
// every error, which oneOf forbids.
func mendRefusals(operation *openapi3.Operation) {
	for code, response := range operation.Responses.Map() {
		if status, err := strconv.Atoi(code); err != nil || status < http.StatusBadRequest {
			continue
		}
		for _, media := range response.Value.Content {
			if schema := media.Schema; schema != nil && len(schema.Value.OneOf) > 0 {
				schema.Value.AnyOf, schema.Value.OneOf = schema.Value.OneOf, nil
			}
		}
	}
}

// mendLabels adds the list without an object around it, which only the prose of this operation allows: "You can also pass
// an array of labels directly".
func mendLabels(document *openapi3.T) error {
	item := document.Paths.Value("/repos/{owner}/{repo}/issues/{issue_number}/labels")
	if item == nil || item.Post == nil {
		return fmt.Errorf("reading GitHub's description: it has no operation to add labels")
	}
	schema := item.Post.RequestBody.Value.Content.Get("application/json").Schema.Value
	list := openapi3.NewArraySchema().WithItems(openapi3.NewStringSchema())
	schema.OneOf = append(schema.OneOf, list.NewRef())
	return nil
}
