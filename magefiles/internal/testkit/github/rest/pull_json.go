package rest

import (
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/bare"
)

// pullJSON is GitHub's pull-request-simple schema.
func pullJSON(c *github.Call, p github.Pull) object {
	repo := repositoryJSON(c)
	side := func(branch, sha string) object {
		return object{
			"label": c.Repository.Owner + ":" + branch, "ref": branch, "sha": sha, "repo": repo,
			"user": userJSON(c, c.Repository.Owner, "Organization"),
		}
	}
	base, err := c.Repository.Git.Resolve("refs/heads/" + p.Base)
	if p.MergedOnto != "" || err != nil {
		base = p.MergedOnto
	}
	reviewers, teams := []object{}, []object{}
	for _, login := range p.Reviewers {
		reviewers = append(reviewers, userJSON(c, login, "User"))
	}
	for _, slug := range p.Teams {
		teams = append(teams, teamJSON(c, slug))
	}
	self, issue := c.API("/pulls/%d", p.Number), c.API("/issues/%d", p.Number)
	return object{
		"id": p.Number, "node_id": fmt.Sprintf("PR_%d_%d", c.Repository.ID,
			p.Number), "number": p.Number, "state": p.State(), "locked": false, "draft": p.Draft,
		"title": p.Title, "body": p.Body, "user": userJSON(c, c.Login(), "User"), "labels": labelsJSON(c, p.Labels),
		"head": side(p.Head, p.HeadSHA), "base": side(p.Base, base), "author_association": "MEMBER", "auto_merge": autoMergeJSON(c, p),
		"assignee": nil, "assignees": []object{}, "milestone": nil, "active_lock_reason": nil,
		"requested_reviewers": reviewers, "requested_teams": teams, "merge_commit_sha": orNull(p.Merged),
		"created_at": github.Stamp(p.Created), "updated_at": github.Stamp(p.Updated), "closed_at": stampOrNull(p.Closed),
		"merged_at": mergedAt(p), "url": self, "html_url": c.Web("/pull/%d", p.Number),
		"diff_url": c.Web("/pull/%d.diff", p.Number), "patch_url": c.Web("/pull/%d.patch", p.Number),
		"issue_url": issue, "commits_url": self + "/commits", "review_comments_url": self + "/comments",
		"review_comment_url": c.API("/pulls/comments{/number}"), "comments_url": issue + "/comments",
		"statuses_url": c.API("/statuses/%s", p.HeadSHA), "_links": pullLinks(c, p),
	}
}

// pullLinks repeats the addresses of a pull request in the form that GitHub began with.
func pullLinks(c *github.Call, p github.Pull) object {
	link := func(address string) object { return object{"href": address} }
	self, issue := c.API("/pulls/%d", p.Number), c.API("/issues/%d", p.Number)
	return object{
		"self": link(self), "html": link(c.Web("/pull/%d", p.Number)), "issue": link(issue), "comments": link(issue + "/comments"),
		"review_comments": link(self + "/comments"), "review_comment": link(c.API("/pulls/comments{/number}")),
		"commits": link(self + "/commits"), "statuses": link(c.API("/statuses/%s", p.HeadSHA)),
	}
}

// pullReply is a complete pull request: with what GitHub computes for a single one only.
func pullReply(c *github.Call, status int, p github.Pull) (*github.Response, error) {
	body := pullJSON(c, p)
	mergeable, state, err := c.Repository.MergeState(c.Context, p)
	if err != nil {
		return nil, err
	}
	from, err := forkPoint(c, p)
	if err != nil && !errors.Is(err, bare.ErrMissing) {
		return nil, err
	}
	files, added, deleted, err := changedFiles(c, from, p.HeadSHA)
	if err != nil {
		return nil, err
	}
	commits, err := c.Repository.Git.Between(c.Context, from, p.HeadSHA)
	if err != nil {
		return nil, err
	}
	for _, team := range body["requested_teams"].([]object) {
		delete(team, "parent") // team-simple
	}
	maps.Copy(body, (object{
		"merged": p.Merged != "", "mergeable": mergeable, "mergeable_state": state, "rebaseable": false, "comments": 0,
		"review_comments": 0, "maintainer_can_modify": false, "commits": len(commits), "additions": added,
		"deletions": deleted, "changed_files": len(files), "merged_by": nil,
	}))
	return github.Respond(status, body)
}

func autoMergeJSON(c *github.Call, p github.Pull) any {
	if p.AutoMerge == "" {
		return nil
	}
	return object{
		"enabled_by": userJSON(c, c.Login(), "User"), "merge_method": p.AutoMerge, "commit_title": "", "commit_message": "",
	}
}

func labelsJSON(c *github.Call, names []string) []object {
	list := []object{}
	for i, name := range names {
		list = append(list, object{
			"id": i + 1, "node_id": "LA_1", "url": c.API("/labels/%s", name), "name": name, "color": "ededed",
			"default": false, "description": "",
		})
	}
	return list
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func stampOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return github.Stamp(t)
}

func mergedAt(p github.Pull) any {
	if p.Merged == "" {
		return nil
	}
	return github.Stamp(p.Closed)
}
