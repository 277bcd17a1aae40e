package github

import (
	"net/http"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/bare"
)

// commitJSON is GitHub's commit schema, without the files.
func commitJSON(c *call, id string) (object, error) {
	commit, err := c.repo.git.Commit(id)
	if err != nil {
		return nil, err
	}
	parents := make([]object, 0, len(commit.Parents))
	for _, p := range commit.Parents {
		parents = append(parents, object{"sha": p, "url": c.api("/commits/%s", p), "html_url": c.web("/commit/%s", p)})
	}
	return object{
		"sha": commit.OID, "node_id": "C_" + commit.OID, "url": c.api("/commits/%s", commit.OID),
		"html_url": c.web("/commit/%s", commit.OID), "comments_url": c.api("/commits/%s/comments", commit.OID),
		"commit": object{
			"author": personJSON(commit.Author), "committer": personJSON(commit.Committer), "message": commit.Message,
			"tree": object{"sha": commit.Tree, "url": c.api("/git/trees/%s", commit.Tree)},
			"url":  c.api("/git/commits/%s", commit.OID), "comment_count": 0, "verification": unsigned(),
		},
		"author": accountJSON(c, commit.Author), "committer": accountJSON(c, commit.Committer), "parents": parents,
	}, nil
}

// accountJSON is the user with a commit's address, null for a stranger.
func accountJSON(c *call, p bare.Person) any {
	switch p.Email {
	case viewer(c.server).Email:
		return userJSON(c, p.Name, "User")
	case webFlow(c.server).Email:
		return userJSON(c, "web-flow", "User")
	}
	return nil
}

func listCommits(c *call) (reply, error) {
	commit, err := c.commit(c.repo, c.query("sha"))
	if err != nil {
		return reply{}, c.missing(err)
	}
	ids, err := c.repo.git.History(c.ctx, bare.Walk{
		From: commit.OID, Path: c.query("path"), Since: parseStamp(c.query("since")), Until: parseStamp(c.query("until")),
	})
	if err != nil {
		return reply{}, err
	}
	return paged(c, ids, func(id string) (object, error) { return commitJSON(c, id) })
}

// getCommit answers for a commit, and for /status and /statuses below it: a branch name may have slashes, so that only
// the end of the path tells them apart.
func getCommit(c *call) (reply, error) {
	ref := c.param("ref")
	if name, ok := strings.CutSuffix(ref, "/status"); ok {
		return combinedStatus(c, name)
	}
	if name, ok := strings.CutSuffix(ref, "/statuses"); ok {
		return listStatuses(c, name)
	}
	commit, err := c.commit(c.repo, ref)
	if err != nil {
		return reply{}, unprocessable(c, "No commit found for SHA: "+ref)
	}
	if strings.HasSuffix(c.request.Header.Get("Accept"), ".sha") { // application/vnd.github.sha
		header := map[string]string{"Content-Type": "application/vnd.github.sha"}
		return reply{status: http.StatusOK, header: header, body: []byte(commit.OID)}, nil
	}
	body, err := commitJSON(c, commit.OID)
	if err != nil {
		return reply{}, err
	}
	parent := bare.EmptyTree
	if len(commit.Parents) > 0 {
		parent = commit.Parents[0]
	}
	files, added, deleted, err := changedFiles(c, parent, commit.OID)
	body["files"], body["stats"] = files, object{"additions": added, "deletions": deleted, "total": added + deleted}
	if err != nil {
		return reply{}, err
	}
	return respond(http.StatusOK, body)
}

// changedFiles is the list of changed files between two commits, with the sums of their lines.
func changedFiles(c *call, from, to string) (list []object, added, deleted int, err error) {
	changes, err := c.repo.git.Diff(c.ctx, from, to)
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
			"blob_url": c.web("/blob/%s/%s", to, change.Path), "raw_url": c.web("/raw/%s/%s", to, change.Path),
			"contents_url": c.api("/contents/%s?ref=%s", change.Path, to),
		})
	}
	return list, added, deleted, err
}
