package github

import (
	"errors"
	"net/http"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/bare"
)

// resolveRef returns what a full reference name points to, as this request sees it.
func resolveRef(c *call, r *repository, full string) (string, error) {
	if branch, ok := strings.CutPrefix(full, "refs/heads/"); ok {
		return c.head(r, branch)
	}
	return r.git.Resolve(full)
}

// isOID reports whether text has the form of a complete object id.
func isOID(text string) bool {
	return len(text) == 40 && strings.Trim(text, "0123456789abcdef") == ""
}

// trimRef takes "refs/heads/" or "heads/" (kind: heads, tags) off a name.
func trimRef(name, kind string) string {
	return strings.TrimPrefix(strings.TrimPrefix(name, "refs/"), kind+"/")
}

// unprocessable is a 422 whose message says it all.
func unprocessable(c *call, message string) error {
	return refuse(http.StatusUnprocessableEntity, c.docs(), message)
}

func refJSON(c *call, name, oid string) (object, error) {
	o, err := c.repo.git.Object(oid)
	if err != nil {
		return nil, err
	}
	return object{
		"ref": name, "node_id": "REF_" + name, "url": c.api("/git/%s", name),
		"object": object{"sha": oid, "type": o.Type, "url": c.api("/git/%ss/%s", o.Type, oid)},
	}, nil
}

// getRef finds one reference by its exact name, without "refs/"; a prefix of a name is not found.
func getRef(c *call) (reply, error) {
	name := "refs/" + c.param("ref")
	oid, err := resolveRef(c, c.repo, name)
	if errors.Is(err, bare.ErrMissing) {
		if refs, err := c.repo.git.Refs(c.ctx, ""); err != nil || len(refs) == 0 {
			return reply{}, errors.Join(refuse(http.StatusConflict, c.docs(), "Git Repository is empty."), err)
		}
	}
	if err != nil {
		return reply{}, c.missing(err)
	}
	return refReply(c, http.StatusOK, name, oid)
}

func refReply(c *call, status int, name, oid string) (reply, error) {
	body, err := refJSON(c, name, oid)
	if err != nil {
		return reply{}, err
	}
	return respond(status, body)
}

func matchingRefs(c *call) (reply, error) {
	refs, err := c.repo.git.Refs(c.ctx, "refs/"+c.param("ref"))
	if err != nil {
		return reply{}, err
	}
	return paged(c, refs, func(r bare.Ref) (object, error) { return refJSON(c, r.Name, r.OID) })
}

func createRef(c *call) (reply, error) {
	var in struct{ Ref, SHA string }
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	if !strings.HasPrefix(in.Ref, "refs/") || strings.Count(in.Ref, "/") < 2 || !c.repo.git.CheckName(c.ctx, in.Ref) {
		return reply{}, unprocessable(c, "Reference name must start with 'refs/' and contain at least two slashes")
	}
	if _, err := c.repo.git.Object(in.SHA); err != nil || !isOID(in.SHA) {
		return reply{}, unprocessable(c, "Object does not exist")
	}
	err := c.repo.git.Move(c.ctx, in.Ref, bare.Zero, in.SHA)
	switch {
	case errors.Is(err, bare.ErrStale):
		return reply{}, unprocessable(c, "Reference already exists")
	case err != nil: // such as refs/heads/a/b beside refs/heads/a
		return reply{}, unprocessable(c, "Reference update failed")
	}
	return refReply(c, http.StatusCreated, in.Ref, in.SHA)
}

// updateRef moves a reference. Without force the new commit must descend from the current one: the compare-and-swap of
// the REST interface.
func updateRef(c *call) (reply, error) {
	var in struct {
		SHA   string
		Force bool
	}
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	name := "refs/" + c.param("ref")
	if _, err := c.repo.git.Object(in.SHA); err != nil || !isOID(in.SHA) {
		return reply{}, unprocessable(c, "Object does not exist")
	}
	for range patience {
		current, err := c.repo.git.Resolve(name)
		if err != nil {
			return reply{}, unprocessable(c, "Reference does not exist")
		}
		if branch, ok := strings.CutPrefix(name, "refs/heads/"); ok {
			if text, form := c.repo.violation(branch, c.repo.messageOf(in.SHA)); form != Unprotected {
				return reply{}, unprocessable(c, text)
			}
		}
		forward, err := c.repo.git.IsAncestor(c.ctx, current, in.SHA)
		if !in.Force && (err != nil || !forward) {
			return reply{}, unprocessable(c, "Update is not a fast forward")
		}
		err = c.repo.git.Move(c.ctx, name, current, in.SHA)
		if errors.Is(err, bare.ErrStale) {
			continue // somebody was faster: the new head decides whether this still is a fast forward
		}
		if err != nil {
			return reply{}, unprocessable(c, "Reference update failed")
		}
		return refReply(c, http.StatusOK, name, in.SHA)
	}
	return reply{}, unprocessable(c, "Reference cannot be updated")
}

// patience is how often a writer that was overtaken looks at the new head before it gives up.
const patience = 100

func deleteRef(c *call) (reply, error) {
	name := "refs/" + c.param("ref")
	current, err := c.repo.git.Resolve(name)
	if err == nil {
		err = c.repo.git.Move(c.ctx, name, current, bare.Zero)
	}
	if err != nil {
		return reply{}, unprocessable(c, "Reference does not exist")
	}
	return reply{status: http.StatusNoContent, header: map[string]string{}}, nil
}
