package github

import (
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/bare"
)

// pullJSON is GitHub's pull-request-simple schema.
func pullJSON(c *call, p pull) object {
	repo := repositoryJSON(c)
	side := func(branch, sha string) object {
		return object{
			"label": c.repo.owner + ":" + branch, "ref": branch, "sha": sha, "repo": repo,
			"user": userJSON(c, c.repo.owner, "Organization"),
		}
	}
	base, err := c.repo.git.Resolve("refs/heads/" + p.base)
	if p.mergedOn != "" || err != nil {
		base = p.mergedOn
	}
	reviewers, teams := []object{}, []object{}
	for _, login := range p.reviewers {
		reviewers = append(reviewers, userJSON(c, login, "User"))
	}
	for _, slug := range p.teams {
		teams = append(teams, teamJSON(c, slug))
	}
	self, issue := c.api("/pulls/%d", p.number), c.api("/issues/%d", p.number)
	return object{
		"id": p.number, "node_id": fmt.Sprintf("PR_%d_%d", c.repo.id,
			p.number), "number": p.number, "state": p.state(), "locked": false, "draft": p.draft,
		"title": p.title, "body": p.body, "user": userJSON(c, c.server.options.Login, "User"), "labels": labelsJSON(c, p.labels),
		"head": side(p.head, p.headSHA), "base": side(p.base, base), "author_association": "MEMBER", "auto_merge": autoMergeJSON(c, p),
		"assignee": nil, "assignees": []object{}, "milestone": nil, "active_lock_reason": nil,
		"requested_reviewers": reviewers, "requested_teams": teams, "merge_commit_sha": orNull(p.merged),
		"created_at": stamp(p.created), "updated_at": stamp(p.updated), "closed_at": stampOrNull(p.closed),
		"merged_at": mergedAt(p), "url": self, "html_url": c.web("/pull/%d", p.number),
		"diff_url": c.web("/pull/%d.diff", p.number), "patch_url": c.web("/pull/%d.patch", p.number),
		"issue_url": issue, "commits_url": self + "/commits", "review_comments_url": self + "/comments",
		"review_comment_url": c.api("/pulls/comments{/number}"), "comments_url": issue + "/comments",
		"statuses_url": c.api("/statuses/%s", p.headSHA), "_links": pullLinks(c, p),
	}
}

// pullLinks repeats the addresses of a pull request in the form that GitHub began with.
func pullLinks(c *call, p pull) object {
	link := func(address string) object { return object{"href": address} }
	self, issue := c.api("/pulls/%d", p.number), c.api("/issues/%d", p.number)
	return object{
		"self": link(self), "html": link(c.web("/pull/%d", p.number)), "issue": link(issue), "comments": link(issue + "/comments"),
		"review_comments": link(self + "/comments"), "review_comment": link(c.api("/pulls/comments{/number}")),
		"commits": link(self + "/commits"), "statuses": link(c.api("/statuses/%s", p.headSHA)),
	}
}

// pullReply is a complete pull request: with what GitHub computes for a single one only.
func pullReply(c *call, status int, p pull) (reply, error) {
	body := pullJSON(c, p)
	mergeable, state, err := mergeState(c, p)
	if err != nil {
		return reply{}, err
	}
	from, err := forkPoint(c, p)
	if err != nil && !errors.Is(err, bare.ErrMissing) {
		return reply{}, err
	}
	files, added, deleted, err := changedFiles(c, from, p.headSHA)
	if err != nil {
		return reply{}, err
	}
	commits, err := c.repo.git.Between(c.ctx, from, p.headSHA)
	if err != nil {
		return reply{}, err
	}
	for _, team := range body["requested_teams"].([]object) {
		delete(team, "parent") // team-simple
	}
	maps.Copy(body, (object{
		"merged": p.merged != "", "mergeable": mergeable, "mergeable_state": state, "rebaseable": false, "comments": 0,
		"review_comments": 0, "maintainer_can_modify": false, "commits": len(commits), "additions": added,
		"deletions": deleted, "changed_files": len(files), "merged_by": nil,
	}))
	return respond(status, body)
}

// mergeState says whether git could merge the pull request now; null for one that is closed.
func mergeState(c *call, p pull) (mergeable any, state string, err error) {
	if !p.closed.IsZero() {
		return nil, "unknown", nil
	}
	base, err := c.repo.git.Resolve("refs/heads/" + p.base)
	if err != nil {
		return nil, "", err
	}
	_, err = c.repo.git.Merge(c.ctx, base, p.headSHA)
	switch {
	case errors.Is(err, bare.ErrConflict):
		return false, "dirty", nil
	case err != nil:
		return nil, "", err
	case p.draft:
		return true, "draft", nil
	}
	state, _ = c.repo.rules()
	return true, state, nil
}

func autoMergeJSON(c *call, p pull) any {
	if p.autoMerge == "" {
		return nil
	}
	return object{
		"enabled_by": userJSON(c, c.server.options.Login, "User"), "merge_method": p.autoMerge, "commit_title": "", "commit_message": "",
	}
}

func labelsJSON(c *call, names []string) []object {
	list := []object{}
	for i, name := range names {
		list = append(list, object{
			"id": i + 1, "node_id": "LA_1", "url": c.api("/labels/%s", name), "name": name, "color": "ededed",
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
	return stamp(t)
}

func mergedAt(p pull) any {
	if p.merged == "" {
		return nil
	}
	return stamp(p.closed)
}
