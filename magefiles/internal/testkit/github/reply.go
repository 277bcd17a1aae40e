package github

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
)

// reply is a complete answer. Handlers build it without touching the connection, so that a hook can lose it.
type reply struct {
	status int
	header map[string]string
	body   []byte
}

// object is a JSON object in the making.
type object = map[string]any

// respond is a JSON answer. Its Content-Type is what GitHub sends.
func respond(status int, body any) (reply, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return reply{}, fmt.Errorf("encoding answer: %w", err)
	}
	return reply{status: status, header: map[string]string{"Content-Type": "application/json; charset=utf-8"}, body: text}, nil
}

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

// notFound is GitHub's answer to what does not exist and to what the token may not know of.
func notFound(docs string) error { return refuse(http.StatusNotFound, docs, "Not Found") }

// invalid is a 422 with details about one field.
func invalid(docs, resource, field, code, message string) error {
	r := refuse(http.StatusUnprocessableEntity, docs, "Validation Failed")
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

// answer turns what a handler returned into an answer; an error that is no refusal is a 500.
func answer(r reply, err error) reply {
	if err == nil {
		return r
	}
	var no *refusal
	if !errors.As(err, &no) {
		no = refuse(http.StatusInternalServerError, "rest", "Server Error: "+err.Error())
	}
	body := object{
		"message": no.message, "documentation_url": "https://docs.github.com/" + no.docs, "status": strconv.Itoa(no.status),
	}
	if no.errors != nil {
		body["errors"] = no.errors
	}
	r, err = respond(no.status, body)
	if err != nil {
		return reply{status: http.StatusInternalServerError, header: map[string]string{}}
	}
	maps.Copy(r.header, no.header)
	return r
}

// made is the answer that a test wrote.
func (r Reply) made() reply {
	header := map[string]string{"Content-Type": "application/json; charset=utf-8"}
	for name, value := range r.Header {
		header[http.CanonicalHeaderKey(name)] = value
	}
	return reply{status: r.Status, header: header, body: []byte(r.Body)}
}
