package rest

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/bare"
)

// putContents creates or replaces one file, as a commit of its own. Its compare-and-swap is on the file's blob; a head that
// moves meanwhile is a conflict as well, whatever moved it.
func putContents(c *github.Call) (*github.Response, error) {
	var in struct{ Message, Content, SHA, Branch string }
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	if in.Branch == "" {
		in.Branch = c.Repository.Branch
	}
	head, err := c.Head(c.Repository, in.Branch)
	if err != nil {
		return nil, c.Refuse(http.StatusNotFound, "Branch %s not found", in.Branch)
	}
	if text, form := c.Repository.Violation(in.Branch, in.Message); form != github.Unprotected {
		return nil, c.Refuse(http.StatusConflict, "%s", text)
	}
	path := c.Param("path")
	data, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(in.Content, "\n", ""))
	if err != nil {
		return nil, c.Unprocessable("content is not valid Base64")
	}
	if problem := github.MalformedPath(path); problem != "" {
		return nil, c.Unprocessable("path " + problem)
	}
	status, err := checkBlob(c, head, path, in.SHA)
	if err != nil {
		return nil, err
	}
	change, err := c.Repository.FileChange(c.Context, head, path, data)
	if err != nil {
		return nil, err
	}
	sha, err := github.CommitOnBranch(c.Context, c, c.Repository, in.Branch, head, in.Message, []bare.Change{change})
	if err != nil {
		now, _ := c.Head(c.Repository, in.Branch)
		return nil, c.Refuse(http.StatusConflict, "is at %s but expected %s", now, head)
	}
	return writtenReply(c, status, path, sha)
}

// checkBlob compares the blob that the client has seen with the one that is there, and gives the status of a success.
func checkBlob(c *github.Call, head, path, sha string) (int, error) {
	entry, err := c.Repository.Git.Lookup(head, path)
	switch {
	case errors.Is(err, bare.ErrMissing):
		return http.StatusCreated, nil
	case err != nil:
		return 0, c.Missing(err)
	case sha == "":
		return 0, c.Unprocessable(`Invalid request.\n\n"sha" wasn't supplied.`)
	case sha != entry.OID:
		return 0, c.Refuse(http.StatusConflict, "%s does not match %s", path, sha)
	}
	return http.StatusOK, nil
}

func writtenReply(c *github.Call, status int, path, sha string) (*github.Response, error) {
	entry, err := c.Repository.Git.Lookup(sha, path)
	if err != nil {
		return nil, err
	}
	content, _, err := contentJSON(c, entry, sha)
	if err != nil {
		return nil, err
	}
	commit, err := c.Repository.Git.Commit(sha)
	if err != nil {
		return nil, fmt.Errorf("reading the new commit: %w", err)
	}
	return github.Respond(status, object{"content": content, "commit": gitCommitJSON(c, commit)})
}
