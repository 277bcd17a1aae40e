package rest

import (
	"fmt"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

func listReviews(c *github.Call) (*github.Response, error) {
	p, err := pathPull(c)
	if err != nil {
		return nil, err
	}
	number := 0
	return paged(c, p.Reviews, func(r github.Review) (object, error) {
		number++
		self, html := c.API("/pulls/%d", p.Number), c.Web("/pull/%d", p.Number)
		return object{
			"id": number, "node_id": fmt.Sprintf("PRR_%d", number), "user": userJSON(c, r.Login, "User"), "body": "",
			"state": "COMMENTED", "html_url": html, "pull_request_url": self, "commit_id": r.Commit,
			"submitted_at": github.Stamp(p.Updated), "author_association": "MEMBER",
			"_links": object{"html": object{"href": html}, "pull_request": object{"href": self}},
		}, nil
	})
}
