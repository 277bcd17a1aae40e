package github

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
)

// GraphQLError is one entry of the errors list, which GitHub sends with status 200. Type is GitHub's own addition
// (NOT_FOUND, FORBIDDEN, STALE_DATA, ...); errors of the document itself have none.
type GraphQLError struct {
	Type    string `json:"type"`
	Message string `json:"message"`
}

// GraphQLErrors is a non-empty errors list.
type GraphQLErrors []GraphQLError

// Error returns all messages in one line, each behind its type.
func (list GraphQLErrors) Error() string {
	texts := make([]string, len(list))
	for i, e := range list {
		texts[i] = strings.Join(strings.Fields(e.Message), " ")
		if e.Type != "" {
			texts[i] = e.Type + ": " + texts[i]
		}
	}
	return strings.Join(texts, "; ")
}

// Has reports whether any error is of the type.
func (list GraphQLErrors) Has(kind string) bool {
	return slices.ContainsFunc(list, func(e GraphQLError) bool { return e.Type == kind })
}

// isInternal recognises GitHub's answer to a timeout or a fault of its own, which has no type.
func (list GraphQLErrors) isInternal() bool {
	return slices.ContainsFunc(list, func(e GraphQLError) bool { return strings.HasPrefix(e.Message, "Something went wrong") })
}

// OnlyMissing reports whether every error says that something does not exist: then the nulls of the partial answer tell
// more exactly what is missing.
func OnlyMissing(err error) bool {
	list, ok := errors.AsType[GraphQLErrors](err)
	return ok && !slices.ContainsFunc(list, func(e GraphQLError) bool { return e.Type != "NOT_FOUND" })
}

// HeaderOf returns the header of an answer with an errors list, which says where to authorise a token and when a limit ends; nil
// for any other error.
func HeaderOf(err error) http.Header {
	if refused, ok := errors.AsType[*refusedDocument](err); ok {
		return refused.header
	}
	return nil
}

// refusedDocument is an errors list with the header of its answer, and what it was asked as.
type refusedDocument struct {
	GraphQLErrors
	header   http.Header
	identity Identity
}

func (e *refusedDocument) Unwrap() error { return e.GraphQLErrors }

// failedInside is isInternal for an undecoded answer.
func failedInside(body []byte) bool {
	if !bytes.Contains(body, []byte("Something went wrong")) { // decoding every file read would be dear
		return false
	}
	var answer struct{ Errors GraphQLErrors }
	return json.Unmarshal(body, &answer) == nil && answer.Errors.isInternal()
}
