package rest

import (
	"errors"
	"net/http"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/bare"
)

func refJSON(c *github.Call, name, oid string) (object, error) {
	o, err := c.Repository.Git.Object(oid)
	if err != nil {
		return nil, err
	}
	return object{
		"ref": name, "node_id": "REF_" + name, "url": c.API("/git/%s", name),
		"object": object{"sha": oid, "type": o.Type, "url": c.API("/git/%ss/%s", o.Type, oid)},
	}, nil
}

// getRef finds one reference by its exact name, without "refs/"; a prefix of a name is not found.
func getRef(c *github.Call) (*github.Response, error) {
	name := "refs/" + c.Param("ref")
	oid, err := github.ResolveRef(c, c.Repository, name)
	if errors.Is(err, bare.ErrMissing) {
		if refs, err := c.Repository.Git.Refs(c.Context, ""); err != nil || len(refs) == 0 {
			return nil, errors.Join(c.Refuse(http.StatusConflict, "Git Repository is empty."), err)
		}
	}
	if err != nil {
		return nil, c.Missing(err)
	}
	return refReply(c, http.StatusOK, name, oid)
}

func refReply(c *github.Call, status int, name, oid string) (*github.Response, error) {
	body, err := refJSON(c, name, oid)
	if err != nil {
		return nil, err
	}
	return github.Respond(status, body)
}

func createRef(c *github.Call) (*github.Response, error) {
	var in struct{ Ref, SHA string }
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	if !strings.HasPrefix(in.Ref, "refs/") || strings.Count(in.Ref, "/") < 2 || !c.Repository.Git.CheckName(c.Context, in.Ref) {
		return nil, c.Unprocessable("Reference name must start with 'refs/' and contain at least two slashes")
	}
	if _, err := c.Repository.Git.Object(in.SHA); err != nil || !github.IsOID(in.SHA) {
		return nil, c.Unprocessable("Object does not exist")
	}
	err := c.Repository.Git.Move(c.Context, in.Ref, bare.Zero, in.SHA)
	switch {
	case errors.Is(err, bare.ErrStale):
		return nil, c.Unprocessable("Reference already exists")
	case err != nil: // such as refs/heads/a/b beside refs/heads/a
		return nil, c.Unprocessable("Reference update failed")
	}
	return refReply(c, http.StatusCreated, in.Ref, in.SHA)
}

// updateRef moves a reference. Without force the new commit must descend from the current one: the compare-and-swap of
// the REST interface.
func updateRef(c *github.Call) (*github.Response, error) {
	var in struct {
		SHA   string
		Force bool
	}
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	name := "refs/" + c.Param("ref")
	if _, err := c.Repository.Git.Object(in.SHA); err != nil || !github.IsOID(in.SHA) {
		return nil, c.Unprocessable("Object does not exist")
	}
	for range github.Patience {
		current, err := c.Repository.Git.Resolve(name)
		if err != nil {
			return nil, c.Unprocessable("Reference does not exist")
		}
		if branch, ok := strings.CutPrefix(name, "refs/heads/"); ok {
			if text, form := c.Repository.Violation(branch, c.Repository.MessageOf(in.SHA)); form != github.Unprotected {
				return nil, c.Unprocessable(text)
			}
		}
		forward, err := c.Repository.Git.IsAncestor(c.Context, current, in.SHA)
		if !in.Force && (err != nil || !forward) {
			return nil, c.Unprocessable("Update is not a fast forward")
		}
		err = c.Repository.Git.Move(c.Context, name, current, in.SHA)
		if errors.Is(err, bare.ErrStale) {
			continue // another writer was faster: the new head decides whether this still is a fast forward
		}
		if err != nil {
			return nil, c.Unprocessable("Reference update failed")
		}
		return refReply(c, http.StatusOK, name, in.SHA)
	}
	return nil, c.Unprocessable("Reference cannot be updated")
}
