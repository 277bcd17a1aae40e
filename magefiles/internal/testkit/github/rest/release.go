package rest

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/bare"
)

// createRelease publishes notes for a tag, and makes the tag where there is none:
// https://docs.github.com/rest/releases/releases#create-a-release.
func createRelease(c *github.Call) (*github.Response, error) {
	var in struct {
		Tag    string `json:"tag_name"`
		Target string `json:"target_commitish"`
		Name   string `json:"name"`
		Body   string `json:"body"`
		Draft  bool   `json:"draft"`
		Prelim bool   `json:"prerelease"`
	}
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	if in.Tag == "" || !c.Repository.Git.CheckName(c.Context, "refs/tags/"+in.Tag) {
		return nil, c.Invalid("Release", "tag_name", "custom", "tag_name is not a valid tag")
	}
	target := cmp.Or(in.Target, c.Repository.Branch)
	if _, err := c.Repository.Git.Resolve("refs/tags/" + in.Tag); err != nil {
		commit, err := c.Commit(c.Repository, target)
		if err != nil {
			return nil, c.Invalid("Release", "target_commitish", "invalid", "")
		}
		if err := c.Repository.Git.Move(c.Context, "refs/tags/"+in.Tag, bare.Zero, commit.OID); err != nil {
			return nil, err
		}
	}
	c.Repository.Lock()
	defer c.Repository.Unlock()
	if slices.ContainsFunc(c.Repository.Releases, func(r github.Release) bool { return r.Tag == in.Tag }) {
		return nil, c.Invalid("Release", "tag_name", "already_exists", "")
	}
	r := github.Release{
		ID: len(c.Repository.Releases) + 1, Tag: in.Tag, Target: target, Name: in.Name, Body: in.Body,
		Draft: in.Draft, Prerelease: in.Prelim, Created: c.Now(),
	}
	c.Repository.Releases = append(c.Repository.Releases, r)
	return github.Respond(http.StatusCreated, releaseJSON(c, r))
}

func getReleaseByTag(c *github.Call) (*github.Response, error) {
	c.Repository.Lock()
	defer c.Repository.Unlock()
	i := slices.IndexFunc(c.Repository.Releases, func(r github.Release) bool { return r.Tag == c.Param("tag") && !r.Draft })
	if i < 0 {
		return nil, c.NotFound()
	}
	return github.Respond(http.StatusOK, releaseJSON(c, c.Repository.Releases[i]))
}

// listReleases lists them newest first, drafts too.
func listReleases(c *github.Call) (*github.Response, error) {
	c.Repository.Lock()
	all := slices.Clone(c.Repository.Releases)
	c.Repository.Unlock()
	slices.Reverse(all)
	return paged(c, all, func(r github.Release) (object, error) { return releaseJSON(c, r), nil })
}

// updateRelease publishes a draft; nothing else of a release changes here.
func updateRelease(c *github.Call) (*github.Response, error) {
	var in struct {
		Draft *bool `json:"draft"`
	}
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	c.Repository.Lock()
	defer c.Repository.Unlock()
	r, err := findRelease(c)
	if err != nil {
		return nil, err
	}
	if in.Draft != nil {
		r.Draft = *in.Draft
	}
	return github.Respond(http.StatusOK, releaseJSON(c, *r))
}

// findRelease returns the one that the path names.
func findRelease(c *github.Call) (*github.Release, error) {
	for i := range c.Repository.Releases {
		if strconv.Itoa(c.Repository.Releases[i].ID) == c.Param("id") {
			return &c.Repository.Releases[i], nil
		}
	}
	return nil, c.NotFound()
}

func releaseJSON(c *github.Call, r github.Release) object {
	self := c.API("/releases/%d", r.ID)
	assets := []object{}
	for _, a := range r.Assets {
		assets = append(assets, assetJSON(c, r, a))
	}
	return object{
		"url": self, "html_url": c.Web("/releases/tag/%s", r.Tag), "assets_url": self + "/assets",
		"upload_url":  strings.Replace(self, "/repos/", "/uploads/repos/", 1) + "/assets{?name,label}",
		"tarball_url": c.API("/tarball/%s", r.Tag), "zipball_url": c.API("/zipball/%s", r.Tag),
		"id": r.ID, "node_id": "RE_1", "tag_name": r.Tag, "target_commitish": r.Target, "name": orNull(r.Name), "body": orNull(r.Body),
		"draft": r.Draft, "prerelease": r.Prerelease, "created_at": github.Stamp(r.Created), "published_at": github.Stamp(r.Created),
		"author": userJSON(c, c.Login(), "User"), "assets": assets,
	}
}
