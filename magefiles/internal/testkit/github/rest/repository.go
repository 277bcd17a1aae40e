package rest

import (
	"maps"
	"net/http"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

// repositoryLinks are the addresses within a repository that its JSON names, with GitHub's placeholders.
var repositoryLinks = map[string]string{
	"archive_url": "/{archive_format}{/ref}", "assignees_url": "/assignees{/user}", "blobs_url": "/git/blobs{/sha}",
	"branches_url": "/branches{/branch}", "collaborators_url": "/collaborators{/collaborator}",
	"comments_url": "/comments{/number}", "commits_url": "/commits{/sha}", "compare_url": "/compare/{base}...{head}",
	"contents_url": "/contents/{+path}", "contributors_url": "/contributors", "deployments_url": "/deployments",
	"downloads_url": "/downloads", "events_url": "/events", "forks_url": "/forks", "git_commits_url": "/git/commits{/sha}",
	"git_refs_url": "/git/refs{/sha}", "git_tags_url": "/git/tags{/sha}", "hooks_url": "/hooks",
	"issue_comment_url": "/issues/comments{/number}", "issue_events_url": "/issues/events{/number}",
	"issues_url": "/issues{/number}", "keys_url": "/keys{/key_id}", "labels_url": "/labels{/name}",
	"languages_url": "/languages", "merges_url": "/merges", "milestones_url": "/milestones{/number}",
	"notifications_url": "/notifications{?since,all,participating}", "pulls_url": "/pulls{/number}",
	"releases_url": "/releases{/id}", "stargazers_url": "/stargazers", "statuses_url": "/statuses/{sha}",
	"subscribers_url": "/subscribers", "subscription_url": "/subscription", "tags_url": "/tags", "teams_url": "/teams",
	"trees_url": "/git/trees{/sha}",
}

func getRepository(c *github.Call) (*github.Response, error) {
	full := repositoryJSON(c)
	full["subscribers_count"], full["network_count"] = 0, 0
	return github.Respond(http.StatusOK, full)
}

// repositoryJSON is GitHub's repository schema, as pull requests hold it.
func repositoryJSON(c *github.Call) object {
	repository := minimalRepositoryJSON(c)
	maps.Copy(repository, object{
		"allow_merge_commit": true, "allow_squash_merge": true, "allow_rebase_merge": false, "allow_auto_merge": true,
	})
	return repository
}

// minimalRepositoryJSON follows GitHub's minimal-repository schema. The permissions are those of the user's role, whatever the token holds.
func minimalRepositoryJSON(c *github.Call) object {
	_, granted, _ := c.Visible(c.Repository.Path())
	role := granted.UserRole()
	push := role == "WRITE" || role == "MAINTAIN" || role == "ADMIN"
	created, open := github.Stamp(c.Repository.Created), c.Repository.OpenPulls()
	repository := object{
		"id": c.Repository.ID, "node_id": c.Repository.NodeID(), "name": c.Repository.Name, "full_name": c.Repository.Path(),
		"owner": userJSON(c, c.Repository.Owner, "Organization"), "private": true, "visibility": "private", "description": nil,
		"fork": false, "archived": false, "disabled": false, "default_branch": c.Repository.Branch, "delete_branch_on_merge": false,
		"url": c.API(""), "html_url": c.Web(""), "clone_url": c.Web(".git"), "svn_url": c.Web(""), "mirror_url": nil,
		"git_url": "git://github.com/" + c.Repository.Path() + ".git", "ssh_url": "git@github.com:" + c.Repository.Path() + ".git",
		"created_at": created, "updated_at": created, "pushed_at": created,
		"homepage": nil, "language": nil, "license": nil, "size": 1, "forks": 0, "forks_count": 0, "stargazers_count": 0,
		"watchers": 0, "watchers_count": 0, "open_issues": open, "open_issues_count": open, // pull requests are issues
		"has_issues": true, "has_projects": false, "has_wiki": false, "has_pages": false, "has_downloads": false,
		"has_discussions": false,
		"permissions": object{
			"admin": role == "ADMIN", "maintain": role == "ADMIN" || role == "MAINTAIN", "push": push,
			"triage": push || role == "TRIAGE", "pull": role != "",
		},
	}
	for name, path := range repositoryLinks {
		repository[name] = c.API("") + path
	}
	return repository
}
