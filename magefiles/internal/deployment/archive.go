package deployment

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// Archive gives the whole repository at the snapshot's head as a gzipped tar, whose paths begin with one directory that
// GitHub names. GitHub redirects to another host, to which the token does not travel. What .gitattributes marks as
// export-ignore is left out of it. It takes archives up to 128 MB.
// https://docs.github.com/en/rest/repos/contents#download-a-repository-archive-tar
func (c *Client) Archive(ctx context.Context, s *Snapshot) ([]byte, error) {
	ctx, cancel := c.limit(ctx)
	defer cancel()
	d := plan.Deployment{Repository: s.Repository, Branch: s.Branch}
	address := c.rest.endpoint.rest.JoinPath("repos", s.Repository, "tarball").String() + "/" + url.PathEscape(s.Head)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("preparing the request for an archive of %s: %w", s.Repository, err)
	}
	data, err := c.rest.send(req)
	if err != nil {
		return nil, c.explain(ctx, d, diagnose(err, d, "downloading"))
	}
	return data, nil
}
