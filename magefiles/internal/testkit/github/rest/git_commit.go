package rest

import (
	"net/http"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/bare"
)

// personJSON returns the author or committer of a commit, in git's form.
func personJSON(p bare.Person) object {
	return object{"name": p.Name, "email": p.Email, "date": github.Stamp(p.When)}
}

// verification returns GitHub's verification of a commit's signature: its own, or none.
func verification(c *github.Call, commit string) object {
	if c.Server.IsVerified(commit) {
		return object{
			"verified": true, "reason": "valid", "signature": "-----BEGIN PGP SIGNATURE-----", "payload": "tree",
			"verified_at": github.Stamp(c.Now()),
		}
	}
	return object{"verified": false, "reason": "unsigned", "signature": nil, "payload": nil, "verified_at": nil}
}

// gitCommitJSON is GitHub's git-commit schema.
func gitCommitJSON(c *github.Call, commit bare.Commit) object {
	parents := make([]object, 0, len(commit.Parents))
	for _, p := range commit.Parents {
		parents = append(parents, object{"sha": p, "url": c.API("/git/commits/%s", p), "html_url": c.Web("/commit/%s", p)})
	}
	return object{
		"sha": commit.OID, "node_id": "C_" + commit.OID,
		"url": c.API("/git/commits/%s", commit.OID), "html_url": c.Web("/commit/%s", commit.OID),
		"author": personJSON(commit.Author), "committer": personJSON(commit.Committer), "message": commit.Message,
		"tree":    object{"sha": commit.Tree, "url": c.API("/git/trees/%s", commit.Tree)},
		"parents": parents, "verification": verification(c, commit.OID),
	}
}

func getGitCommit(c *github.Call) (*github.Response, error) {
	o, err := c.Repository.Git.Object(c.Param("sha"))
	if err != nil || o.Type != bare.CommitType {
		return nil, c.NotFound()
	}
	commit, err := c.Repository.Git.Commit(o.OID)
	if err != nil {
		return nil, err
	}
	return github.Respond(http.StatusOK, gitCommitJSON(c, commit))
}

// personInput is a person of a request; missing parts are the token's user and now.
type personInput struct {
	Name  string     `json:"name"`
	Email string     `json:"email"`
	Date  *time.Time `json:"date"`
}

func (p *personInput) person(otherwise bare.Person) bare.Person {
	if p == nil {
		return otherwise
	}
	if p.Date != nil {
		otherwise.When = *p.Date
	}
	return bare.Person{Name: p.Name, Email: p.Email, When: otherwise.When}
}

func createGitCommit(c *github.Call) (*github.Response, error) {
	var in struct {
		Message   string       `json:"message"`
		Tree      string       `json:"tree"`
		Parents   []string     `json:"parents"`
		Author    *personInput `json:"author"`
		Committer *personInput `json:"committer"`
	}
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	if err := checkCommit(c, in.Message, in.Tree, in.Parents); err != nil {
		return nil, err
	}
	author := in.Author.person(c.Viewer())
	committer := c.WebFlow()
	if in.Author != nil { // without a committer of its own a commit is committed by its author
		committer = author
	}
	oid, err := c.Repository.Git.WriteCommit(c.Context, bare.Commit{
		Tree: in.Tree, Parents: in.Parents, Author: author, Committer: in.Committer.person(committer), Message: in.Message,
	})
	if err != nil {
		return nil, err
	}
	if c.IsApp() && in.Author == nil && in.Committer == nil {
		c.Sign(oid)
	}
	commit, err := c.Repository.Git.Commit(oid)
	if err != nil {
		return nil, err
	}
	return github.Respond(http.StatusCreated, gitCommitJSON(c, commit))
}

// checkCommit refuses a commit of what is not there.
func checkCommit(c *github.Call, message, tree string, parents []string) error {
	if message == "" {
		return c.Invalid("Commit", "message", "missing_field", "")
	}
	if o, err := c.Repository.Git.Object(tree); err != nil || o.Type != bare.TreeType {
		return c.Unprocessable("Tree SHA does not exist")
	}
	for _, parent := range parents {
		if o, err := c.Repository.Git.Object(parent); err != nil || o.Type != bare.CommitType {
			return c.Unprocessable("Parent SHA does not exist or is not a commit object")
		}
	}
	return nil
}
