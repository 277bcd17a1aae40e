package rest

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/bare"
)

// compare tells how one commit stands to another: https://docs.github.com/rest/commits/commits#compare-two-commits.
func compare(c *github.Call) (*github.Response, error) {
	from, to, _ := strings.Cut(c.Param("basehead"), "...")
	base, err := c.Commit(c.Repository, from)
	if err != nil {
		return nil, c.Missing(err)
	}
	head, err := c.Commit(c.Repository, to)
	if err != nil {
		return nil, c.Missing(err)
	}
	fork, err := c.Repository.Git.MergeBase(c.Context, base.OID, head.OID)
	if errors.Is(err, bare.ErrMissing) {
		return nil, c.Refuse(http.StatusNotFound, "No common ancestor between %s and %s.", from, to)
	}
	if err != nil {
		return nil, err
	}
	ahead, err := c.Repository.Git.Between(c.Context, base.OID, head.OID)
	if err != nil {
		return nil, err
	}
	behind, err := c.Repository.Git.Between(c.Context, head.OID, base.OID)
	if err != nil {
		return nil, err
	}
	return comparisonReply(c, base.OID, head.OID, fork, ahead, behind)
}

func comparisonReply(c *github.Call, base, head, fork string, ahead, behind []string) (*github.Response, error) {
	commits, err := paged(c, ahead, func(id string) (object, error) { return commitJSON(c, id) })
	if err != nil {
		return nil, err
	}
	baseCommit, err := commitJSON(c, base)
	if err != nil {
		return nil, err
	}
	forkCommit, err := commitJSON(c, fork)
	if err != nil {
		return nil, err
	}
	files, _, _, err := changedFiles(c, fork, head)
	if err != nil {
		return nil, err
	}
	self, html := c.API("/compare/%s...%s", base, head), c.Web("/compare/%s...%s", base, head)
	r, err := github.Respond(http.StatusOK, object{
		"url": self, "html_url": html, "permalink_url": html, "diff_url": html + ".diff", "patch_url": html + ".patch",
		"base_commit": baseCommit, "merge_base_commit": forkCommit, "status": standing(len(ahead), len(behind)),
		"ahead_by": len(ahead), "behind_by": len(behind), "total_commits": len(ahead),
		"commits": json.RawMessage(commits.Body), "files": files,
	})
	if link, ok := commits.Header["Link"]; ok && err == nil {
		r.Header["Link"] = link
	}
	return r, err
}

// standing is GitHub's word for how a head stands to its base.
func standing(ahead, behind int) string {
	switch {
	case ahead > 0 && behind > 0:
		return "diverged"
	case ahead > 0:
		return "ahead"
	case behind > 0:
		return "behind"
	}
	return "identical"
}
