package registry

import (
	"context"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
)

// CheckPush proves that the credentials may push to a repository by opening an upload session and
// cancelling it; nothing is written. A token alone proves nothing: ghcr.io gives one for a right that it then refuses. Its
// error is a problem.Problem, ErrDenied where the right is missing.
//
// A registry that cannot cancel a session (ghcr.io answers 405) lets it run out by itself.
func (c *Client) CheckPush(ctx context.Context, repository imageref.Repository) error {
	r := imageref.Reference{Repository: repository}
	return c.explainer.Explain(ctx, "checking the right to push to", r, c.protocol.OpenUpload(ctx, r))
}
