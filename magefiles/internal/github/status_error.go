package github

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// StatusError is an answer that is no success, kept whole for its explanation.
type StatusError struct {
	Status  int
	Header  http.Header
	Text    string // GitHub's message and details
	Limited bool   // refused for its frequency

	Identity Identity // what the request was made as
}

// Error returns what GitHub said.
func (e *StatusError) Error() string {
	if e.Text == "" {
		return fmt.Sprintf("GitHub answered %d %s", e.Status, http.StatusText(e.Status))
	}
	return fmt.Sprintf("GitHub answered %d: %s", e.Status, e.Text)
}

// IsTransient reports whether the server failed at this request, this time.
func (e *StatusError) IsTransient() bool { return isTransient(e.Status) }

// HasStatus reports whether GitHub answered with one of the statuses.
func HasStatus(err error, statuses ...int) bool {
	e, ok := errors.AsType[*StatusError](err)
	return ok && slices.Contains(statuses, e.Status)
}

// IsUncertain reports whether a request may have been carried out in spite of its error: the answer never came or could not be
// read, a gateway answered, or GitHub failed inside.
func IsUncertain(err error) bool {
	if status, ok := errors.AsType[*StatusError](err); ok {
		return status.IsTransient()
	}
	if list, ok := errors.AsType[GraphQLErrors](err); ok {
		return list.isInternal()
	}
	return !isUnsent(err)
}

func (c *Client) newStatusError(res *http.Response, body []byte) *StatusError {
	return &StatusError{
		Status: res.StatusCode, Header: res.Header, Text: errorText(body), Limited: isRateLimited(res, body), Identity: c.identity,
	}
}

// errorText is the message of an error answer with its details, which are texts or objects
// (https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api). A proxy's error page has none.
func errorText(body []byte) string {
	var answer struct {
		Message string
		Errors  []json.RawMessage
	}
	if json.Unmarshal(body, &answer) != nil {
		return ""
	}
	var text strings.Builder
	text.WriteString(strings.Join(strings.Fields(answer.Message), " "))
	for _, raw := range answer.Errors {
		var detail struct{ Resource, Field, Code, Message string }
		var words string
		if json.Unmarshal(raw, &words) != nil && json.Unmarshal(raw, &detail) == nil {
			parts := []string{detail.Resource, detail.Field, detail.Code, detail.Message}
			words = strings.Join(strings.Fields(strings.Join(parts, " ")), " ")
		}
		if words != "" {
			text.WriteString("; " + words)
		}
	}
	return text.String()
}
