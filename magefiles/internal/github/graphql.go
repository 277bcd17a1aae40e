package github

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// Query runs a document that only reads, decoding what it gives into data. A partial answer is decoded and its errors
// are returned.
func (c *Client) Query(ctx context.Context, document string, variables map[string]any, data any) error {
	return c.runDocument(ctx, document, variables, data, markIdempotent)
}

// Mutate runs a document that writes; it is sent once.
func (c *Client) Mutate(ctx context.Context, document string, variables map[string]any, data any) error {
	return c.runDocument(ctx, document, variables, data, func(*http.Request) {})
}

func (c *Client) runDocument(ctx context.Context, document string, variables map[string]any, data any, mark func(*http.Request)) error {
	payload, err := json.Marshal(map[string]any{"query": document, "variables": variables})
	if err != nil {
		return fmt.Errorf("encoding the GraphQL request: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.endpoint.graphql, bytes.NewReader(payload))
	if err != nil {
		return fmt.Errorf("preparing the GraphQL request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	mark(req)
	body, header, err := c.exchange(req)
	if err != nil {
		return err
	}
	answer := struct {
		Data   any           `json:"data"`
		Errors GraphQLErrors `json:"errors"`
	}{Data: data}
	if err := json.Unmarshal(body, &answer); err != nil {
		return fmt.Errorf("decoding the GraphQL answer: %w", err)
	}
	if len(answer.Errors) > 0 {
		return &refusedDocument{answer.Errors, header, c.identity}
	}
	return nil
}
