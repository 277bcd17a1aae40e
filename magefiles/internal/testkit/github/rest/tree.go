package rest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/bare"
)

// treeLimit is the number of entries that GitHub lists before it says "truncated": https://docs.github.com/rest/git/trees#get-a-tree.
const treeLimit = 100_000

// getTree lists a tree by its id, or by a commit or branch that has it. Any value of "recursive" means recursive.
func getTree(c *github.Call) (*github.Response, error) {
	rev := c.Param("sha")
	if commit, err := c.Commit(c.Repository, rev); err == nil {
		rev = commit.Tree
	}
	return treeReply(c, http.StatusOK, rev, c.Request.URL.Query().Has("recursive"))
}

func treeReply(c *github.Call, status int, rev string, recursive bool) (*github.Response, error) {
	oid, entries, err := c.Repository.Git.Tree(rev, recursive)
	if err != nil {
		return nil, c.Missing(err)
	}
	list := make([]object, 0, len(entries))
	for _, e := range entries[:min(treeLimit, len(entries))] {
		item := object{"path": e.Path, "mode": e.Mode, "type": e.Type(), "sha": e.OID}
		if e.Type() != bare.CommitType {
			item["url"] = c.API("/git/%ss/%s", e.Type(), e.OID)
		}
		if e.Type() == bare.BlobType {
			o, err := c.Repository.Git.Object(e.OID)
			if err != nil {
				return nil, err
			}
			item["size"] = len(o.Data)
		}
		list = append(list, item)
	}
	return github.Respond(status, object{
		"sha": oid, "url": c.API("/git/trees/%s", oid), "tree": list, "truncated": len(entries) > treeLimit,
	})
}

// treeEntry is one entry of a tree to create. SHA tells null, which deletes, from absent.
type treeEntry struct {
	Path    string          `json:"path"`
	Mode    string          `json:"mode"`
	Type    string          `json:"type"`
	SHA     json.RawMessage `json:"sha"`
	Content *string         `json:"content"`
	Size    json.RawMessage `json:"size"` // read-only fields of the answer, which clients send back
	URL     json.RawMessage `json:"url"`
}

func createTree(c *github.Call) (*github.Response, error) {
	var in struct {
		BaseTree string      `json:"base_tree"`
		Tree     []treeEntry `json:"tree"`
	}
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	if len(in.Tree) == 0 {
		return nil, c.Unprocessable("Invalid tree info")
	}
	if in.BaseTree != "" {
		if _, _, err := c.Repository.Git.Tree(in.BaseTree, false); err != nil {
			return nil, c.Unprocessable("base_tree is not a valid tree oid")
		}
	}
	changes := make([]bare.Change, 0, len(in.Tree))
	for _, entry := range in.Tree {
		change, err := treeChange(c, in.BaseTree, entry)
		if err != nil {
			return nil, err
		}
		changes = append(changes, change)
	}
	oid, err := c.Repository.Git.WriteTree(c.Context, in.BaseTree, changes)
	if err != nil {
		return nil, c.Unprocessable("GitRPC::BadObjectState")
	}
	return treeReply(c, http.StatusCreated, oid, false)
}

// treeChange checks one entry as GitHub does and stores inline content.
func treeChange(c *github.Call, base string, e treeEntry) (bare.Change, error) {
	if problem := github.MalformedPath(e.Path); problem != "" {
		return bare.Change{}, c.Unprocessable("tree.path " + problem)
	}
	var sha *string
	if e.SHA != nil {
		if err := json.Unmarshal(e.SHA, &sha); err != nil {
			return bare.Change{}, c.Unprocessable("tree.sha must be a string or null")
		}
		if sha == nil && e.Content == nil {
			if _, err := c.Repository.Git.Lookup(base, e.Path); base == "" || err != nil {
				return bare.Change{}, c.Unprocessable("GitRPC::BadObjectState")
			}
			return bare.Change{Path: e.Path}, nil
		}
	}
	modes := []string{bare.FileMode, bare.ExecutableMode, bare.LinkMode, bare.SubmoduleMode, bare.TreeMode}
	if !slices.Contains(modes, e.Mode) {
		return bare.Change{}, c.Unprocessable("Must supply a valid tree.mode")
	}
	if e.Content != nil {
		oid, err := c.Repository.Git.WriteBlob(c.Context, []byte(*e.Content))
		return bare.Change{Mode: e.Mode, Path: e.Path, OID: oid}, err
	}
	if sha == nil {
		return bare.Change{}, c.Unprocessable("Must supply either tree.sha or tree.content")
	}
	want := bare.Entry{Mode: e.Mode}.Type()
	if o, err := c.Repository.Git.Object(*sha); want != bare.CommitType && (err != nil || o.Type != want) {
		return bare.Change{}, c.Unprocessable(fmt.Sprintf("tree.sha %s is not a valid %s", *sha, want))
	}
	return bare.Change{Mode: e.Mode, Path: e.Path, OID: *sha}, nil
}
