package registry

import (
	"context"
	"fmt"
	"net/http"

	"github.com/containerd/containerd/v2/core/remotes/docker"
	remoteserrors "github.com/containerd/containerd/v2/core/remotes/errors"
)

// CheckPush proves that the credentials may push to a repository (host/owner/name) by opening an upload session and
// cancelling it; nothing is written. A token alone proves nothing: ghcr.io gives one for a right that it then refuses. Its
// error is a problem.Problem, ErrDenied where the right is missing.
//
// A registry that cannot cancel a session (ghcr.io answers 405) lets it run out by itself.
func (c *Client) CheckPush(ctx context.Context, repository string) error {
	r, err := parse(repository)
	if err != nil {
		return err
	}
	host := c.host(r.host)
	address := fmt.Sprintf("%s://%s%s/%s/blobs/uploads/", host.Scheme, host.Host, host.Path, r.path)
	ctx = docker.WithScope(quiet(ctx), r.scope())
	err = c.retry(ctx, func(ctx context.Context) error {
		response, err := send(ctx, host, call{method: http.MethodPost, address: address})
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode/100 != 2 {
			return remoteserrors.NewUnexpectedStatusErr(response)
		}
		if session, err := response.Location(); err == nil {
			return cancelUpload(ctx, host, session.String())
		}
		return nil
	})
	return c.explain(ctx, "checking the right to push to", r, err)
}

// cancelUpload is a courtesy: only the end of the context is an error.
func cancelUpload(ctx context.Context, host docker.RegistryHost, session string) error {
	if response, err := send(ctx, host, call{method: http.MethodDelete, address: session}); err == nil {
		finish(response)
	}
	return ctx.Err()
}
