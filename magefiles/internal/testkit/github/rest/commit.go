package rest

import (
	"net/http"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/bare"
)

// commitJSON is GitHub's commit schema, without the files.
func commitJSON(c *github.Call, id string) (object, error) {
	commit, err := c.Repository.Git.Commit(id)
	if err != nil {
		return nil, err
	}
	parents := make([]object, 0, len(commit.Parents))
	for _, p := range commit.Parents {
		parents = append(parents, object{"sha": p, "url": c.API("/commits/%s", p), "html_url": c.Web("/commit/%s", p)})
	}
	return object{
		"sha": commit.OID, "node_id": "C_" + commit.OID, "url": c.API("/commits/%s", commit.OID),
		"html_url": c.Web("/commit/%s", commit.OID), "comments_url": c.API("/commits/%s/comments", commit.OID),
		"commit": object{
			"author": personJSON(commit.Author), "committer": personJSON(commit.Committer), "message": commit.Message,
			"tree": object{"sha": commit.Tree, "url": c.API("/git/trees/%s", commit.Tree)},
			"url":  c.API("/git/commits/%s", commit.OID), "comment_count": 0, "verification": verification(c, commit.OID),
		},
		"author": accountJSON(c, commit.Author), "committer": accountJSON(c, commit.Committer), "parents": parents,
	}, nil
}

// accountJSON is the user with a commit's address, null for a stranger.
func accountJSON(c *github.Call, p bare.Person) any {
	switch p.Email {
	case c.Viewer().Email:
		return userJSON(c, p.Name, "User")
	case c.WebFlow().Email:
		return userJSON(c, "web-flow", "User")
	}
	return nil
}

func listCommits(c *github.Call) (*github.Response, error) {
	commit, err := c.Commit(c.Repository, c.Query("sha"))
	if err != nil {
		return nil, c.Missing(err)
	}
	ids, err := c.Repository.Git.History(c.Context, bare.Walk{
		From: commit.OID, Path: c.Query("path"), Since: github.ParseStamp(c.Query("since")), Until: github.ParseStamp(c.Query("until")),
	})
	if err != nil {
		return nil, err
	}
	return paged(c, ids, func(id string) (object, error) { return commitJSON(c, id) })
}

// getCommit answers for a commit, and for /status and /statuses below it: a branch name may have slashes, so that only
// the end of the path tells them apart.
func getCommit(c *github.Call) (*github.Response, error) {
	ref := c.Param("ref")
	if name, ok := strings.CutSuffix(ref, "/status"); ok {
		return combinedStatus(c, name)
	}
	if name, ok := strings.CutSuffix(ref, "/statuses"); ok {
		return listStatuses(c, name)
	}
	commit, err := c.Commit(c.Repository, ref)
	if err != nil {
		return nil, c.Unprocessable("No commit found for SHA: " + ref)
	}
	if strings.HasSuffix(c.Request.Header.Get("Accept"), ".sha") { // application/vnd.github.sha
		header := map[string]string{"Content-Type": "application/vnd.github.sha"}
		return &github.Response{Status: http.StatusOK, Header: header, Body: []byte(commit.OID)}, nil
	}
	body, err := commitJSON(c, commit.OID)
	if err != nil {
		return nil, err
	}
	parent := bare.EmptyTree
	if len(commit.Parents) > 0 {
		parent = commit.Parents[0]
	}
	files, added, deleted, err := changedFiles(c, parent, commit.OID)
	body["files"], body["stats"] = files, object{"additions": added, "deletions": deleted, "total": added + deleted}
	if err != nil {
		return nil, err
	}
	return github.Respond(http.StatusOK, body)
}

// changedFiles is the list of changed files between two commits, with the sums of their lines.
func changedFiles(c *github.Call, from, to string) (list []object, added, deleted int, err error) {
	changes, err := c.Repository.Git.Diff(c.Context, from, to)
	list = make([]object, 0, len(changes))
	for _, change := range changes {
		status := map[string]string{"A": "added", "D": "removed"}[change.Status]
		if status == "" {
			status = "modified"
		}
		added, deleted = added+change.Additions, deleted+change.Deletions
		list = append(list, object{
			"sha": change.OID, "filename": change.Path, "status": status, "additions": change.Additions,
			"deletions": change.Deletions, "changes": change.Additions + change.Deletions,
			"blob_url": c.Web("/blob/%s/%s", to, change.Path), "raw_url": c.Web("/raw/%s/%s", to, change.Path),
			"contents_url": c.API("/contents/%s?ref=%s", change.Path, to),
		})
	}
	return list, added, deleted, err
}
