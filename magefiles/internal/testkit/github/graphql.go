package github

import (
	"bytes"
	"encoding/json"
	"net/http"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/gql"
)

// answerGraphQL answers a document. GitHub's status is 200 whatever the document says.
func answerGraphQL(s *Server, c *Call) (*Response, error) {
	if c.Document.errors != nil {
		reportUnknown(s, c.Request)
		return Respond(http.StatusOK, object{"errors": c.Document.errors})
	}
	return Respond(http.StatusOK, c.Document.Operation.Execute(c.Context, c.Server.root(c)))
}

// Document is a GraphQL request after validation.
type Document struct {
	Operation *gql.Operation
	errors    []gql.Error // why there is no operation
}

// prepareGraphQL reads the document of a call and names its operation.
func prepareGraphQL(s *Server, c *Call) string {
	c.Document = &Document{}
	var r gql.Request
	decoder := json.NewDecoder(bytes.NewReader(c.Body))
	decoder.UseNumber()
	if err := decoder.Decode(&r); err != nil {
		c.Document.errors = []gql.Error{{Message: "A query attribute must be specified and must be a string."}}
		return unknownOperation
	}
	if c.Document.Operation, c.Document.errors = s.schema.Prepare(r); c.Document.errors != nil {
		return unknownOperation
	}
	return c.Document.Operation.String()
}
