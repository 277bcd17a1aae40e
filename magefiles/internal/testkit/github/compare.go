package github

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/bare"
)

// compare tells how one commit stands to another: https://docs.github.com/rest/commits/commits#compare-two-commits.
func compare(c *call) (reply, error) {
	from, to, _ := strings.Cut(c.param("basehead"), "...")
	base, err := c.commit(c.repo, from)
	if err != nil {
		return reply{}, c.missing(err)
	}
	head, err := c.commit(c.repo, to)
	if err != nil {
		return reply{}, c.missing(err)
	}
	fork, err := c.repo.git.MergeBase(c.ctx, base.OID, head.OID)
	if errors.Is(err, bare.ErrMissing) {
		return reply{}, refuse(http.StatusNotFound, c.docs(), "No common ancestor between %s and %s.", from, to)
	}
	if err != nil {
		return reply{}, err
	}
	ahead, err := c.repo.git.Between(c.ctx, base.OID, head.OID)
	if err != nil {
		return reply{}, err
	}
	behind, err := c.repo.git.Between(c.ctx, head.OID, base.OID)
	if err != nil {
		return reply{}, err
	}
	return comparisonReply(c, base.OID, head.OID, fork, ahead, behind)
}

func comparisonReply(c *call, base, head, fork string, ahead, behind []string) (reply, error) {
	commits, err := paged(c, ahead, func(id string) (object, error) { return commitJSON(c, id) })
	if err != nil {
		return reply{}, err
	}
	baseCommit, err := commitJSON(c, base)
	if err != nil {
		return reply{}, err
	}
	forkCommit, err := commitJSON(c, fork)
	if err != nil {
		return reply{}, err
	}
	files, _, _, err := changedFiles(c, fork, head)
	if err != nil {
		return reply{}, err
	}
	self, html := c.api("/compare/%s...%s", base, head), c.web("/compare/%s...%s", base, head)
	r, err := respond(http.StatusOK, object{
		"url": self, "html_url": html, "permalink_url": html, "diff_url": html + ".diff", "patch_url": html + ".patch",
		"base_commit": baseCommit, "merge_base_commit": forkCommit, "status": standing(len(ahead), len(behind)),
		"ahead_by": len(ahead), "behind_by": len(behind), "total_commits": len(ahead),
		"commits": json.RawMessage(commits.body), "files": files,
	})
	if link, ok := commits.header["Link"]; ok && err == nil {
		r.header["Link"] = link
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
