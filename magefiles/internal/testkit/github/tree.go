package github

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/bare"
)

// treeLimit is how many entries GitHub lists before it says "truncated":
// https://docs.github.com/rest/git/trees#get-a-tree.
const treeLimit = 100_000

// getTree lists a tree by its id, or by a commit or branch that has it. Any value of "recursive" means recursive.
func getTree(c *call) (reply, error) {
	rev := c.param("sha")
	if commit, err := c.commit(c.repo, rev); err == nil {
		rev = commit.Tree
	}
	return treeReply(c, http.StatusOK, rev, c.request.URL.Query().Has("recursive"))
}

func treeReply(c *call, status int, rev string, recursive bool) (reply, error) {
	oid, entries, err := c.repo.git.Tree(rev, recursive)
	if err != nil {
		return reply{}, c.missing(err)
	}
	list := make([]object, 0, len(entries))
	for _, e := range entries[:min(treeLimit, len(entries))] {
		item := object{"path": e.Path, "mode": e.Mode, "type": e.Type(), "sha": e.OID}
		if e.Type() != bare.CommitType {
			item["url"] = c.api("/git/%ss/%s", e.Type(), e.OID)
		}
		if e.Type() == bare.BlobType {
			o, err := c.repo.git.Object(e.OID)
			if err != nil {
				return reply{}, err
			}
			item["size"] = len(o.Data)
		}
		list = append(list, item)
	}
	return respond(status, object{
		"sha": oid, "url": c.api("/git/trees/%s", oid), "tree": list, "truncated": len(entries) > treeLimit,
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

func createTree(c *call) (reply, error) {
	var in struct {
		BaseTree string      `json:"base_tree"`
		Tree     []treeEntry `json:"tree"`
	}
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	if len(in.Tree) == 0 {
		return reply{}, unprocessable(c, "Invalid tree info")
	}
	if in.BaseTree != "" {
		if _, _, err := c.repo.git.Tree(in.BaseTree, false); err != nil {
			return reply{}, unprocessable(c, "base_tree is not a valid tree oid")
		}
	}
	changes := make([]bare.Change, 0, len(in.Tree))
	for _, entry := range in.Tree {
		change, err := treeChange(c, in.BaseTree, entry)
		if err != nil {
			return reply{}, err
		}
		changes = append(changes, change)
	}
	oid, err := c.repo.git.WriteTree(c.ctx, in.BaseTree, changes)
	if err != nil {
		return reply{}, unprocessable(c, "GitRPC::BadObjectState")
	}
	return treeReply(c, http.StatusCreated, oid, false)
}

// treeChange checks one entry as GitHub does and stores inline content.
func treeChange(c *call, base string, e treeEntry) (bare.Change, error) {
	if problem := malformed(e.Path); problem != "" {
		return bare.Change{}, unprocessable(c, "tree.path "+problem)
	}
	var sha *string
	if e.SHA != nil {
		if err := json.Unmarshal(e.SHA, &sha); err != nil {
			return bare.Change{}, unprocessable(c, "tree.sha must be a string or null")
		}
		if sha == nil && e.Content == nil {
			if _, err := c.repo.git.Lookup(base, e.Path); base == "" || err != nil {
				return bare.Change{}, unprocessable(c, "GitRPC::BadObjectState")
			}
			return bare.Change{Path: e.Path}, nil
		}
	}
	modes := []string{bare.FileMode, bare.ExecutableMode, bare.LinkMode, bare.SubmoduleMode, bare.TreeMode}
	if !slices.Contains(modes, e.Mode) {
		return bare.Change{}, unprocessable(c, "Must supply a valid tree.mode")
	}
	if e.Content != nil {
		oid, err := c.repo.git.WriteBlob(c.ctx, []byte(*e.Content))
		return bare.Change{Mode: e.Mode, Path: e.Path, OID: oid}, err
	}
	if sha == nil {
		return bare.Change{}, unprocessable(c, "Must supply either tree.sha or tree.content")
	}
	want := bare.Entry{Mode: e.Mode}.Type()
	if o, err := c.repo.git.Object(*sha); want != bare.CommitType && (err != nil || o.Type != want) {
		return bare.Change{}, unprocessable(c, fmt.Sprintf("tree.sha %s is not a valid %s", *sha, want))
	}
	return bare.Change{Mode: e.Mode, Path: e.Path, OID: *sha}, nil
}
