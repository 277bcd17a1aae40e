package github

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/bare"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/gql"
)

// call is one request on its way through the server.
type call struct {
	server  *Server
	ctx     context.Context // not ended by a client that goes away: GitHub finishes what it began
	request *http.Request
	body    []byte
	token   string
	used    int               // requests of the token so far
	heads   map[string]string // branch heads of a lagging replica
	route   *route            // of the REST interface; nil for GraphQL
	repo    *repository       // that the path names
	graph   *graph            // a GraphQL document; nil for REST
}

// graph is a GraphQL request after validation.
type graph struct {
	operation *gql.Operation
	errors    []gql.Error // why there is no operation
}

// param is a part of the path.
func (c *call) param(name string) string { return c.request.PathValue(name) }

// query is a parameter behind the question mark.
func (c *call) query(name string) string { return c.request.URL.Query().Get(name) }

// decode reads the JSON body of a REST request. A field that the handler would ignore makes the request unknown.
func (c *call) decode(into any) error {
	decoder := json.NewDecoder(bytes.NewReader(c.body))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(into)
	switch {
	case err == nil:
		return nil
	case strings.Contains(err.Error(), "unknown field"):
		return refuse(http.StatusNotImplemented, c.docs(), "No handler for %s %s: %v", c.request.Method, c.request.URL.Path, err)
	}
	return refuse(http.StatusBadRequest, c.docs(), "Problems parsing JSON")
}

// api is the address of a resource of the call's repository.
func (c *call) api(format string, args ...any) string {
	return c.server.URL() + "/repos/" + c.repo.path() + fmt.Sprintf(format, args...)
}

// web is the address of a page of the call's repository.
func (c *call) web(format string, args ...any) string {
	return webURL + c.repo.path() + fmt.Sprintf(format, args...)
}

// docs is the page of the operation, which every error names.
func (c *call) docs() string {
	if c.route == nil {
		return "rest"
	}
	return c.route.docs
}

// head returns a branch's commit as this request sees it: with the lag of its replica.
func (c *call) head(r *repository, branch string) (string, error) {
	if sha, ok := c.heads[branch]; ok {
		return sha, nil
	}
	return r.git.Resolve("refs/heads/" + branch)
}

// commit finds the commit that a name of the REST interface means: an id, a branch or a tag.
func (c *call) commit(r *repository, name string) (bare.Commit, error) {
	if name == "" {
		name = r.branch
	}
	if isOID(name) {
		return r.git.Commit(name)
	}
	if sha, err := c.head(r, trimRef(name, "heads")); err == nil {
		return r.git.Commit(sha)
	}
	sha, err := r.git.Resolve("refs/tags/" + trimRef(name, "tags"))
	if errors.Is(err, bare.ErrMissing) && len(name) >= 7 && strings.Trim(name, "0123456789abcdef") == "" {
		o, err := r.git.Object(name) // an abbreviated id
		if err != nil {
			return bare.Commit{}, err
		}
		return r.git.Commit(o.OID)
	}
	if err != nil {
		return bare.Commit{}, err
	}
	return r.git.Commit(sha)
}

// missing turns git's ErrMissing into 404 and leaves every other error.
func (c *call) missing(err error) error {
	if errors.Is(err, bare.ErrMissing) {
		return notFound(c.docs())
	}
	return err
}
