package rest

import (
	"net/http"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

// getTarball answers with where the archive is: https://docs.github.com/rest/repos/contents#download-a-repository-archive-tar.
// The address of a private repository's holds a token of its own.
func getTarball(c *github.Call) (*github.Response, error) {
	commit, err := c.Commit(c.Repository, c.Param("ref"))
	if err != nil {
		return nil, c.Missing(err)
	}
	return &github.Response{Status: http.StatusFound, Header: map[string]string{"Location": c.Offer(commit.OID)}}, nil
}
