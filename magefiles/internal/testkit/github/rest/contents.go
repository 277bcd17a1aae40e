package rest

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/bare"
)

// Limits of GET contents: https://docs.github.com/rest/repos/contents#get-repository-content. Up to the first a file
// comes with its content, up to the second only on demand of the raw media type, above it not at all.
const (
	inlineLimit = 1 << 20
	rawLimit    = 100 << 20
)

func getContents(c *github.Call) (*github.Response, error) {
	ref := c.Query("ref")
	commit, err := c.Commit(c.Repository, ref)
	if err != nil && ref != "" {
		return nil, c.Refuse(http.StatusNotFound, "No commit found for the ref %s", ref)
	}
	if err != nil {
		return nil, c.Refuse(http.StatusNotFound, "This repository is empty.")
	}
	path := strings.Trim(c.Param("path"), "/")
	if path != "" && github.MalformedPath(path) != "" {
		return nil, c.NotFound()
	}
	if path != "" {
		entry, err := c.Repository.Git.Lookup(commit.OID, path)
		if err != nil {
			return nil, c.Missing(err)
		}
		if entry.Mode != bare.TreeMode {
			return fileReply(c, entry, commit.OID)
		}
	}
	_, entries, err := c.Repository.Git.Tree(commit.OID+":"+path, false)
	if err != nil {
		return nil, c.Missing(err)
	}
	list := make([]object, 0, len(entries))
	for _, entry := range entries {
		entry.Path = strings.TrimPrefix(path+"/"+entry.Path, "/")
		item, _, err := contentJSON(c, entry, commit.OID)
		if err != nil {
			return nil, err
		}
		list = append(list, item)
	}
	return github.Respond(http.StatusOK, list)
}

// fileReply answers with one file, link or submodule, in the form that the client asks for.
func fileReply(c *github.Call, entry bare.Entry, commit string) (*github.Response, error) {
	item, data, err := contentJSON(c, entry, commit)
	if err != nil {
		return nil, err
	}
	if entry.Type() != bare.BlobType {
		return github.Respond(http.StatusOK, item)
	}
	if len(data) > rawLimit {
		return nil, c.Refuse(http.StatusForbidden, "This API returns blobs up to 100 MB in size.")
	}
	if wantsRaw(c) {
		return raw(data), nil
	}
	switch {
	case entry.Mode == bare.LinkMode:
		item["target"] = string(data)
	case len(data) > inlineLimit:
		item["content"], item["encoding"] = "", "none"
	default:
		item["content"], item["encoding"] = wrapped(data), "base64"
	}
	return github.Respond(http.StatusOK, item)
}

// contentJSON returns the common fields of files and directory entries, with the data of a file.
func contentJSON(c *github.Call, entry bare.Entry, commit string) (object, []byte, error) {
	kinds := map[string]string{bare.TreeMode: "dir", bare.LinkMode: "symlink", bare.SubmoduleMode: "submodule"}
	kind, ok := kinds[entry.Mode]
	if !ok {
		kind = "file"
	}
	var data []byte
	if entry.Type() == bare.BlobType {
		o, err := c.Repository.Git.Object(entry.OID)
		if err != nil {
			return nil, nil, err
		}
		data = o.Data
	}
	escaped := (&url.URL{Path: entry.Path}).EscapedPath()
	self := c.API("/contents/%s?ref=%s", escaped, commit)
	git, html := c.API("/git/%ss/%s", entry.Type(), entry.OID), c.Web("/%s/%s/%s", entry.Type(), commit, escaped)
	var download any
	if kind == "file" {
		download = "https://raw.githubusercontent.com/" + c.Repository.Path() + "/" + commit + "/" + escaped
	}
	return object{
		"type": kind, "size": len(data), "name": entry.Path[strings.LastIndexByte(entry.Path, '/')+1:], "path": entry.Path,
		"sha": entry.OID, "url": self, "git_url": git, "html_url": html, "download_url": download,
		"_links": object{"self": self, "git": git, "html": html},
	}, data, nil
}
