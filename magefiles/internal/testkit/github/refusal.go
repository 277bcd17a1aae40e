package github

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/apps"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/bare"
)

// refusal is an error answer of the REST interface:
// https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api.
type refusal struct {
	status  int
	message string
	docs    string            // page below https://docs.github.com/
	errors  any               // details of a 422
	header  map[string]string // beside the usual ones
}

func (r *refusal) Error() string { return fmt.Sprintf("%d %s", r.status, r.message) }

// refuse is a refusal with a message in the form of fmt.Sprintf.
func refuse(status int, docs, message string, args ...any) *refusal {
	if len(args) > 0 {
		message = fmt.Sprintf(message, args...)
	}
	return &refusal{status: status, docs: docs, message: message}
}

// Refuse is a refusal that names the page of the call's operation.
func (c *Call) Refuse(status int, message string, args ...any) error {
	return refuse(status, c.docs(), message, args...)
}

// NotFound is GitHub's answer to what does not exist and to what the token may not know of.
func (c *Call) NotFound() error { return c.Refuse(http.StatusNotFound, "Not Found") }

// Unprocessable is a 422 whose message says it all.
func (c *Call) Unprocessable(message string) error {
	return c.Refuse(http.StatusUnprocessableEntity, message)
}

// Invalid is a 422 with details about one field.
func (c *Call) Invalid(resource, field, code, message string) error {
	r := refuse(http.StatusUnprocessableEntity, c.docs(), "Validation Failed")
	detail := object{"resource": resource, "code": code}
	if field != "" {
		detail["field"] = field
	}
	if message != "" {
		detail["message"] = message
	}
	r.errors = []object{detail}
	return r
}

// Missing turns git's ErrMissing into 404 and leaves every other error.
func (c *Call) Missing(err error) error {
	if errors.Is(err, bare.ErrMissing) {
		return c.NotFound()
	}
	return err
}

// answer turns what a handler returned into an answer; an error that is no refusal is a 500.
func answer(r *Response, err error) *Response {
	if err == nil {
		return r
	}
	var no *refusal
	if ofApp, ok := errors.AsType[*apps.Refusal](err); ok {
		no = refuse(ofApp.Status, "rest/apps/apps", ofApp.Message)
	} else if !errors.As(err, &no) {
		no = refuse(http.StatusInternalServerError, "rest", "Server Error: "+err.Error())
	}
	body := object{
		"message": no.message, "documentation_url": "https://docs.github.com/" + no.docs, "status": strconv.Itoa(no.status),
	}
	if no.errors != nil {
		body["errors"] = no.errors
	}
	r, err = Respond(no.status, body)
	if err != nil {
		return &Response{Status: http.StatusInternalServerError, Header: map[string]string{}}
	}
	maps.Copy(r.Header, no.header)
	return r
}
