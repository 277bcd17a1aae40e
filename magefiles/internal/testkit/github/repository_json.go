package github

import "net/http"

func getRepository(c *call) (reply, error) {
	p, _ := c.server.access.on(c.token, c.repo.path())
	return respond(http.StatusOK, c.repositoryJSON(p))
}

// repositoryJSON is GitHub's repository, as far as clients look at it. What the user may do is what his role allows,
// whatever the token holds.
func (c *call) repositoryJSON(p Permissions) object {
	role := p.role()
	push := role == "WRITE" || role == "MAINTAIN" || role == "ADMIN"
	return object{
		"id": c.repo.id, "node_id": "R_1", "name": c.repo.name, "full_name": c.repo.path(),
		"owner": c.userJSON(c.repo.owner, "Organization"), "private": true, "visibility": "private",
		"html_url": c.web(""), "url": c.api(""), "description": nil, "fork": false, "archived": false, "disabled": false,
		"default_branch": c.repo.branch, "created_at": stamp(c.repo.created), "clone_url": c.web(".git"),
		"allow_merge_commit": true, "allow_squash_merge": true, "allow_rebase_merge": false, "allow_auto_merge": true,
		"delete_branch_on_merge": false,
		"permissions": object{
			"admin": role == "ADMIN", "maintain": role == "ADMIN" || role == "MAINTAIN", "push": push,
			"triage": push || role == "TRIAGE", "pull": true,
		},
	}
}
