package rest

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

// uploadAsset takes a file, at the address that releases name: https://docs.github.com/rest/releases/assets#upload-a-release-asset.
func uploadAsset(c *github.Call) (*github.Response, error) {
	c.Repository.Lock()
	defer c.Repository.Unlock()
	r, err := findRelease(c)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(r.Assets, func(a github.Asset) bool { return a.Name == c.Query("name") }) {
		return nil, c.Invalid("ReleaseAsset", "name", "already_exists", "")
	}
	c.Repository.Uploads++
	a := github.Asset{
		ID: c.Repository.Uploads, Name: c.Query("name"), Type: c.Request.Header.Get("Content-Type"), State: github.Uploaded, Data: c.Body,
	}
	r.Assets = append(r.Assets, a)
	return github.Respond(http.StatusCreated, assetJSON(c, *r, a))
}

func deleteAsset(c *github.Call) (*github.Response, error) {
	c.Repository.Lock()
	defer c.Repository.Unlock()
	for i := range c.Repository.Releases {
		r := &c.Repository.Releases[i]
		before := len(r.Assets)
		r.Assets = slices.DeleteFunc(r.Assets, func(a github.Asset) bool { return strconv.Itoa(a.ID) == c.Param("id") })
		if len(r.Assets) < before {
			return &github.Response{Status: http.StatusNoContent, Header: map[string]string{}}, nil
		}
	}
	return nil, c.NotFound()
}

func assetJSON(c *github.Call, r github.Release, a github.Asset) object {
	return object{
		"url": c.API("/releases/assets/%d", a.ID), "id": a.ID, "node_id": "RA_1", "name": a.Name, "label": nil, "state": a.State,
		"content_type": a.Type, "size": len(a.Data), "digest": nil, "download_count": 0,
		"created_at": github.Stamp(r.Created), "updated_at": github.Stamp(r.Created),
		"browser_download_url": c.Web("/releases/download/%s/%s", r.Tag, a.Name), "uploader": userJSON(c, c.Login(), "User"),
	}
}
