package github

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/bare"
)

// Call is one request on its way through the server.
type Call struct {
	Server     *Server
	Context    context.Context // not ended by a client that goes away: GitHub finishes what it began
	Request    *http.Request
	Body       []byte
	token      string
	used       int               // requests of the token so far
	heads      map[string]string // branch heads of a lagging replica
	route      *Route            // of the REST interface; nil for GraphQL
	Repository *Repository       // that the path names
	Document   *Document         // a GraphQL document; nil for REST
}

// Param is a part of the path.
func (c *Call) Param(name string) string { return c.Request.PathValue(name) }

// Query is a parameter behind the question mark.
func (c *Call) Query(name string) string { return c.Request.URL.Query().Get(name) }

// Decode reads the JSON body of a REST request. A field that the handler would ignore makes the request unknown.
func (c *Call) Decode(into any) error {
	decoder := json.NewDecoder(bytes.NewReader(c.Body))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(into)
	switch {
	case err == nil:
		return nil
	case strings.Contains(err.Error(), "unknown field"):
		return c.Refuse(http.StatusNotImplemented, "No handler for %s %s: %v", c.Request.Method, c.Request.URL.Path, err)
	}
	return c.Refuse(http.StatusBadRequest, "Problems parsing JSON")
}

// API is the address of a resource of the call's repository.
func (c *Call) API(format string, args ...any) string {
	return c.Server.URL() + "/repos/" + c.Repository.Path() + fmt.Sprintf(format, args...)
}

// Web is the address of a page of the call's repository.
func (c *Call) Web(format string, args ...any) string {
	return WebURL + c.Repository.Path() + fmt.Sprintf(format, args...)
}

// Now is the time of the server's clock.
func (c *Call) Now() time.Time { return c.Server.options.Now() }

// Login is the user behind every token, or the App's own.
func (c *Call) Login() string {
	if slug := c.Server.apps.Slug(c.token); slug != "" {
		return slug + "[bot]"
	}
	return c.Server.options.Login
}

// Viewer is the user behind every token, as the author of a commit.
func (c *Call) Viewer() bare.Person {
	login := c.Login()
	return bare.Person{Name: login, Email: login + "@users.noreply.github.com", When: c.Now()}
}

// WebFlow returns the committer of commits that are made through GitHub itself.
func (c *Call) WebFlow() bare.Person {
	return bare.Person{Name: "GitHub", Email: "noreply@github.com", When: c.Now()}
}

// docs is the page of the operation, which every error names.
func (c *Call) docs() string {
	if c.route == nil {
		return "rest"
	}
	return c.route.Docs
}

// Visible finds a repository that the token may see, and what it may do there.
func (c *Call) Visible(name string) (*Repository, Permissions, bool) {
	r, exists := c.Server.find(name)
	granted, ok := grantedOn(c.Server, c.token, name)
	return r, granted, exists && ok
}

// VisibleByID is Visible for the id that GraphQL knows a repository by.
func (c *Call) VisibleByID(id string) (*Repository, Permissions, bool) {
	return c.Visible(c.Server.nameOf(id))
}

// Head returns a branch's commit as this request sees it: with the lag of its replica.
func (c *Call) Head(r *Repository, branch string) (string, error) {
	if sha, ok := c.heads[branch]; ok {
		return sha, nil
	}
	return r.Git.Resolve("refs/heads/" + branch)
}

// Commit finds the commit that a name of the REST interface means: an id, a branch or a tag.
func (c *Call) Commit(r *Repository, name string) (bare.Commit, error) {
	if name == "" {
		name = r.Branch
	}
	if IsOID(name) {
		return r.Git.Commit(name)
	}
	if sha, err := c.Head(r, TrimRef(name, "heads")); err == nil {
		return r.Git.Commit(sha)
	}
	sha, err := r.Git.Resolve("refs/tags/" + TrimRef(name, "tags"))
	if errors.Is(err, bare.ErrMissing) && len(name) >= 7 && strings.Trim(name, "0123456789abcdef") == "" {
		o, err := r.Git.Object(name) // an abbreviated id
		if err != nil {
			return bare.Commit{}, err
		}
		return r.Git.Commit(o.OID)
	}
	if err != nil {
		return bare.Commit{}, err
	}
	return r.Git.Commit(sha)
}
