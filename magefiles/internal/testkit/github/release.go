package github

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/bare"
)

// release is a version with its notes.
type release struct {
	id            int
	tag, target   string
	name, body    string
	draft, prelim bool
	created       time.Time
}

// createRelease publishes notes for a tag, and makes the tag where there is none:
// https://docs.github.com/rest/releases/releases#create-a-release.
func createRelease(c *call) (reply, error) {
	var in struct {
		Tag    string `json:"tag_name"`
		Target string `json:"target_commitish"`
		Name   string `json:"name"`
		Body   string `json:"body"`
		Draft  bool   `json:"draft"`
		Prelim bool   `json:"prerelease"`
	}
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	if in.Tag == "" || !c.repo.git.CheckName(c.ctx, "refs/tags/"+in.Tag) {
		return reply{}, invalid(c.docs(), "Release", "tag_name", "custom", "tag_name is not a valid tag")
	}
	target := cmp.Or(in.Target, c.repo.branch)
	if _, err := c.repo.git.Resolve("refs/tags/" + in.Tag); err != nil {
		commit, err := c.commit(c.repo, target)
		if err != nil {
			return reply{}, invalid(c.docs(), "Release", "target_commitish", "invalid", "")
		}
		if err := c.repo.git.Move(c.ctx, "refs/tags/"+in.Tag, bare.Zero, commit.OID); err != nil {
			return reply{}, err
		}
	}
	c.repo.mu.Lock()
	defer c.repo.mu.Unlock()
	if slices.ContainsFunc(c.repo.releases, func(r release) bool { return r.tag == in.Tag }) {
		return reply{}, invalid(c.docs(), "Release", "tag_name", "already_exists", "")
	}
	r := release{len(c.repo.releases) + 1, in.Tag, target, in.Name, in.Body, in.Draft, in.Prelim, c.server.options.Now()}
	c.repo.releases = append(c.repo.releases, r)
	return respond(http.StatusCreated, releaseJSON(c, r))
}

func getReleaseByTag(c *call) (reply, error) {
	c.repo.mu.Lock()
	defer c.repo.mu.Unlock()
	i := slices.IndexFunc(c.repo.releases, func(r release) bool { return r.tag == c.param("tag") && !r.draft })
	if i < 0 {
		return reply{}, notFound(c.docs())
	}
	return respond(http.StatusOK, releaseJSON(c, c.repo.releases[i]))
}

func releaseJSON(c *call, r release) object {
	self := c.api("/releases/%d", r.id)
	return object{
		"url": self, "html_url": c.web("/releases/tag/%s", r.tag), "assets_url": self + "/assets",
		"upload_url":  strings.Replace(self, "/repos/", "/uploads/repos/", 1) + "/assets{?name,label}",
		"tarball_url": c.api("/tarball/%s", r.tag), "zipball_url": c.api("/zipball/%s", r.tag),
		"id": r.id, "node_id": "RE_1", "tag_name": r.tag, "target_commitish": r.target, "name": orNull(r.name), "body": orNull(r.body),
		"draft": r.draft, "prerelease": r.prelim, "created_at": stamp(r.created), "published_at": stamp(r.created),
		"author": userJSON(c, c.server.options.Login, "User"), "assets": []object{},
	}
}
