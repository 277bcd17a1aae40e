package github

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Route is one operation of the REST interface.
type Route struct {
	Pattern string // of net/http.ServeMux
	Query   string // parameters that the handler heeds, separated by blanks; any other makes the request unknown
	Docs    string // page below https://docs.github.com/
	Needs   AnyOf  // of the token on the repository that the path names; nil where it names none
	Signed  bool   // takes the JSON Web Token of an App
	Handle  func(*Call) (*Response, error)
}

// Operation is the route's name in the log.
func (r *Route) Operation() string { return strings.ReplaceAll(r.Pattern, "...}", "}") }

// AnyOf is a list of permissions of which one is enough.
type AnyOf []permission

// Needs is one permission, by GitHub's name.
func Needs(name string, level Level) AnyOf { return AnyOf{{name, level}} }

// String is the form of the header X-Accepted-GitHub-Permissions.
func (a AnyOf) String() string {
	words := make([]string, 0, len(a))
	for _, p := range a {
		words = append(words, p.String())
	}
	return strings.Join(words, "; ")
}

// newRoutes builds the router. Its handlers only mark the call; the answer is made by rest.
func newRoutes(operations []Route) (*http.ServeMux, error) {
	mux := http.NewServeMux()
	for _, r := range operations {
		if r.Handle == nil {
			return nil, fmt.Errorf("building routes: %q has no handler", r.Pattern)
		}
		mux.Handle(r.Pattern, &r)
	}
	return mux, nil
}

// mark carries the call through the router, which fills in the parts of the path.
type mark struct {
	http.ResponseWriter
	call *Call
}

// ServeHTTP is the router's way to say that a route matches.
func (r *Route) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if m, ok := w.(*mark); ok {
		m.call.route, m.call.Request = r, request
	}
}

// matchRoute finds the route of a REST request and names it for the log. The router answers requests that it does not know
// by itself; they leave no mark. A parameter that a handler would ignore makes a request unknown: an ignored filter is
// an answer to another question.
func matchRoute(s *Server, c *Call) string {
	handler, _ := s.routes.Handler(c.Request)
	r, ok := handler.(*Route)
	if !ok {
		return unknownOperation
	}
	heeded := strings.Fields(r.Query)
	for name := range c.Request.URL.Query() {
		if !slices.Contains(heeded, name) {
			return unknownOperation
		}
	}
	s.routes.ServeHTTP(&mark{call: c}, c.Request)
	return r.Operation()
}

// answerREST answers a REST request: it checks what the token may do and calls the handler.
func answerREST(c *Call) (*Response, error) {
	if c.route.Needs == nil {
		if c.token == "" {
			return nil, c.Refuse(http.StatusUnauthorized, "Requires authentication")
		}
		return c.route.Handle(c)
	}
	name := c.Param("owner") + "/" + c.Param("repo")
	repo, granted, visible := c.Visible(name)
	if !visible {
		return nil, c.NotFound()
	}
	if !slices.ContainsFunc(c.route.Needs, func(p permission) bool { return granted.Allows(p.name, p.level) }) {
		return nil, forbidden(c, c.route.Needs)
	}
	c.Repository = repo
	return c.route.Handle(c)
}
