package deployment

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// graphql is the backend that reads a branch in one query and commits in one mutation. GitHub signs its commits,
// whatever the kind of token (https://docs.github.com/en/graphql/reference/mutations#createcommitonbranch).
type graphql struct{ *api }

var _ backend = (*graphql)(nil)

// graphqlError is one entry of the errors list, which GitHub sends with status 200. Type is GitHub's own addition
// (NOT_FOUND, FORBIDDEN, STALE_DATA, ...); errors of the document itself have none.
type graphqlError struct {
	Type    string `json:"type"`
	Message string `json:"message"`
}

// graphqlErrors is a non-empty errors list.
type graphqlErrors []graphqlError

func (list graphqlErrors) Error() string {
	texts := make([]string, len(list))
	for i, e := range list {
		texts[i] = strings.Join(strings.Fields(e.Message), " ")
		if e.Type != "" {
			texts[i] = e.Type + ": " + texts[i]
		}
	}
	return strings.Join(texts, "; ")
}

// refusedDocument is an errors list with the header of its answer, which says where to authorise a token and when a limit ends.
type refusedDocument struct {
	graphqlErrors
	header http.Header
}

func (e *refusedDocument) Unwrap() error { return e.graphqlErrors }

// headerOf is the header of an answer with an errors list; nil for any other error.
func headerOf(err error) http.Header {
	if refused, ok := errors.AsType[*refusedDocument](err); ok {
		return refused.header
	}
	return nil
}

// has reports whether any error is of the type.
func (list graphqlErrors) has(kind string) bool {
	for _, e := range list {
		if e.Type == kind {
			return true
		}
	}
	return false
}

// query runs a document that only reads, decoding what it gives into data. A partial answer is decoded and its errors
// are returned.
func (g *graphql) query(ctx context.Context, document string, variables map[string]any, data any) error {
	return g.run(ctx, document, variables, data, markIdempotent)
}

// mutate runs a document that writes; it is sent once.
func (g *graphql) mutate(ctx context.Context, document string, variables map[string]any, data any) error {
	return g.run(ctx, document, variables, data, func(*http.Request) {})
}

func (g *graphql) run(ctx context.Context, document string, variables map[string]any, data any, mark func(*http.Request)) error {
	payload, err := json.Marshal(map[string]any{"query": document, "variables": variables})
	if err != nil {
		return fmt.Errorf("encoding the GraphQL request: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, g.endpoint.graphql, bytes.NewReader(payload))
	if err != nil {
		return fmt.Errorf("preparing the GraphQL request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	mark(req)
	body, header, err := g.exchange(req)
	if err != nil {
		return err
	}
	answer := struct {
		Data   any           `json:"data"`
		Errors graphqlErrors `json:"errors"`
	}{Data: data}
	if err := json.Unmarshal(body, &answer); err != nil {
		return fmt.Errorf("decoding the GraphQL answer: %w", err)
	}
	if len(answer.Errors) > 0 {
		return &refusedDocument{answer.Errors, header}
	}
	return nil
}
