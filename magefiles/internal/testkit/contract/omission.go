package contract

import (
	"net/http"
	"strings"

	"github.com/getkin/kin-openapi/routers"
)

// omission is a status that GitHub answers and its description leaves out. Each has its reason; a status without one is a
// difference between the double and GitHub.
type omission struct {
	method string // empty is any
	path   string // end of the described path; empty is any
	status int
}

// omissions lists them. The pages below https://docs.github.com/rest describe what the description leaves out.
var omissions = []omission{
	{"", "", http.StatusBadRequest},   // using-the-rest-api/troubleshooting-the-rest-api: "Problems parsing JSON"
	{"", "", http.StatusUnauthorized}, // authentication/authenticating-to-the-rest-api: "Bad credentials"
	{"", "", http.StatusForbidden},    // troubleshooting: "Resource not accessible by personal access token"
	{"", "", http.StatusNotFound},     // troubleshooting: what the token may not see is not found
	// commits/statuses: a validation of its own, described for no status of this operation but 201.
	{http.MethodPost, "/statuses/{sha}", http.StatusUnprocessableEntity},
}

func omits(route *routers.Route, status int) bool {
	for _, o := range omissions {
		if o.status == status && (o.method == "" || o.method == route.Method) &&
			strings.HasSuffix(strings.ReplaceAll(route.Path, wide, ""), o.path) {
			return true
		}
	}
	return false
}
