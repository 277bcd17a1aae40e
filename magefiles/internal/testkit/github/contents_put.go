package github

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/bare"
)

// putContents creates or replaces one file, as a commit of its own. Its compare-and-swap is on the file's blob; a head that
// moves meanwhile is a conflict as well, whatever moved it.
func putContents(c *call) (reply, error) {
	var in struct{ Message, Content, SHA, Branch string }
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	if in.Branch == "" {
		in.Branch = c.repo.branch
	}
	head, err := c.head(c.repo, in.Branch)
	if err != nil {
		return reply{}, refuse(http.StatusNotFound, c.docs(), "Branch %s not found", in.Branch)
	}
	if text, form := c.repo.violation(in.Branch, in.Message); form != Unprotected {
		return reply{}, refuse(http.StatusConflict, c.docs(), "%s", text)
	}
	path := c.param("path")
	data, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(in.Content, "\n", ""))
	if err != nil {
		return reply{}, unprocessable(c, "content is not valid Base64")
	}
	if problem := malformed(path); problem != "" {
		return reply{}, unprocessable(c, "path "+problem)
	}
	status, err := checkBlob(c, head, path, in.SHA)
	if err != nil {
		return reply{}, err
	}
	change, err := c.repo.put(c.ctx, head, path, data)
	if err != nil {
		return reply{}, err
	}
	sha, err := commitOnBranch(c.ctx, c, c.repo, in.Branch, head, in.Message, []bare.Change{change})
	if err != nil {
		now, _ := c.head(c.repo, in.Branch)
		return reply{}, refuse(http.StatusConflict, c.docs(), "is at %s but expected %s", now, head)
	}
	return writtenReply(c, status, path, sha)
}

// checkBlob compares the blob that the client has seen with the one that is there, and gives the status of a success.
func checkBlob(c *call, head, path, sha string) (int, error) {
	entry, err := c.repo.git.Lookup(head, path)
	switch {
	case errors.Is(err, bare.ErrMissing):
		return http.StatusCreated, nil
	case err != nil:
		return 0, c.missing(err)
	case sha == "":
		return 0, unprocessable(c, `Invalid request.\n\n"sha" wasn't supplied.`)
	case sha != entry.OID:
		return 0, refuse(http.StatusConflict, c.docs(), "%s does not match %s", path, sha)
	}
	return http.StatusOK, nil
}

func writtenReply(c *call, status int, path, sha string) (reply, error) {
	entry, err := c.repo.git.Lookup(sha, path)
	if err != nil {
		return reply{}, err
	}
	content, _, err := contentJSON(c, entry, sha)
	if err != nil {
		return reply{}, err
	}
	commit, err := c.repo.git.Commit(sha)
	if err != nil {
		return reply{}, fmt.Errorf("reading the new commit: %w", err)
	}
	return respond(status, object{"content": content, "commit": gitCommitJSON(c, commit)})
}
