package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// exchange returns what the description does not allow.
func (d *description) exchange(x exchange) error {
	located := locatable(x.request)
	route, parameters, err := d.router.FindRoute(located)
	if err != nil {
		return fmt.Errorf("GitHub describes no such operation: %w", err)
	}
	located.Body = nopCloser(x.sent)
	input := &openapi3filter.RequestValidationInput{
		Request: located, PathParams: parameters, Route: route, Options: checks(),
	}
	return errors.Join(d.request(input, x), d.response(input, x))
}

// request checks what was asked. What GitHub refuses as malformed may be malformed: tests ask for that.
func (d *description) request(input *openapi3filter.RequestValidationInput, x exchange) error {
	if slices.Contains([]int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusUnprocessableEntity}, x.Status) {
		return nil
	}
	var errs []error
	for name := range input.Request.URL.Query() {
		if !takes(input.Route, name) {
			errs = append(errs, fmt.Errorf("request: GitHub knows no query parameter %q here", name))
		}
	}
	if err := openapi3filter.ValidateRequest(context.Background(), input); err != nil {
		errs = append(errs, fmt.Errorf("request: %w", err))
	}
	return errors.Join(errs...)
}

func takes(route *routers.Route, name string) bool {
	for _, parameters := range []openapi3.Parameters{route.Operation.Parameters, route.PathItem.Parameters} {
		if parameters.GetByInAndName(openapi3.ParameterInQuery, name) != nil {
			return true
		}
	}
	return false
}

// response checks what was answered.
func (d *description) response(input *openapi3filter.RequestValidationInput, x exchange) error {
	if isRaw(x.Header) { // bytes, and no media type that the description names
		return nil
	}
	described := input.Route.Operation.Responses.Status(x.Status) != nil
	if !described && omits(input.Route, x.Status) {
		return d.undescribed(x)
	}
	answer := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: x.Status, Header: x.Header, Options: checks(),
	}
	answer.SetBodyBytes(x.Body)
	if err := openapi3filter.ValidateResponse(context.Background(), answer); err != nil {
		return fmt.Errorf("answer %d: %w", x.Status, err)
	}
	return nil
}

// undescribed checks an error that GitHub answers without describing it where it happens.
func (d *description) undescribed(x exchange) error {
	var body any
	if err := json.Unmarshal(x.Body, &body); err != nil {
		return fmt.Errorf("answer %d: %w", x.Status, err)
	}
	if err := d.refusal.VisitJSON(body, checks().SchemaValidationOptions...); err != nil {
		return fmt.Errorf("answer %d: %w", x.Status, err)
	}
	return nil
}

// isRaw reports whether the answer is a file's bytes:
// https://docs.github.com/rest/using-the-rest-api/getting-started-with-the-rest-api#media-types.
func isRaw(header http.Header) bool {
	return strings.HasPrefix(header.Get("Content-Type"), "application/vnd.github.raw")
}

// checks are the options of the checker: every error, every status, the formats that descriptions name.
func checks() *openapi3filter.Options {
	return &openapi3filter.Options{
		MultiError: true, IncludeResponseStatus: true, SkipSettingDefaults: true,
		SchemaValidationOptions: []openapi3.SchemaValidationOption{
			openapi3.WithStringFormatValidator("uri", openapi3.NewCallbackValidator(absolute)),
			openapi3.SetSchemaErrorMessageCustomizer(brief),
		},
	}
}

// brief says what is wrong and where, without the schema and the value around it.
func brief(err *openapi3.SchemaError) string {
	return "/" + strings.Join(err.JSONPointer(), "/") + ": " + err.Reason
}

func absolute(text string) error {
	if u, err := url.Parse(text); err != nil || !u.IsAbs() {
		return fmt.Errorf("%q is no absolute URI", text)
	}
	return nil
}

// locatable is the request as the router finds it: GitHub describes the listing of a repository's root as that of a path
// which the description at the same time wants not to be empty.
func locatable(r *http.Request) *http.Request {
	r = r.Clone(context.Background())
	if path := strings.TrimSuffix(r.URL.Path, "/"); strings.HasSuffix(path, "/contents") && strings.Count(path, "/") == 4 {
		r.URL.Path, r.URL.RawPath = path+"/root", ""
	}
	return r
}

type body struct{ *bytes.Reader }

func (body) Close() error { return nil }

func nopCloser(data []byte) body { return body{bytes.NewReader(data)} }
