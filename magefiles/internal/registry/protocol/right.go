package protocol

import (
	"context"
	"net/http"

	"github.com/containerd/containerd/v2/core/remotes/docker"
	remoteserrors "github.com/containerd/containerd/v2/core/remotes/errors"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/auth"
)

// OpenUpload opens an upload session in a repository and cancels it; nothing is written.
//
// A registry that cannot cancel a session (ghcr.io answers 405) lets it run out by itself.
func (c *Client) OpenUpload(ctx context.Context, r imageref.Reference) error {
	host, err := c.registryHost(r.Host)
	if err != nil {
		return err
	}
	address := addressIn(host, r.Repository, "blobs/uploads/")
	return c.Retry(docker.WithScope(Quiet(ctx), r.PushScope()), func(ctx context.Context) error {
		response, err := sendAuthorized(ctx, host, apiCall{method: http.MethodPost, address: address})
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
}

// cancelUpload is a courtesy: only the end of the context is an error.
func cancelUpload(ctx context.Context, host docker.RegistryHost, session string) error {
	if response, err := sendAuthorized(ctx, host, apiCall{method: http.MethodDelete, address: session}); err == nil {
		drainBody(response)
	}
	return ctx.Err()
}

// TokenGrantsPush reports whether the registry's token for a repository says itself that it is good for pushing.
func (c *Client) TokenGrantsPush(ctx context.Context, r imageref.Reference) (bool, error) {
	host, err := c.registryHost(r.Host)
	if err != nil {
		return false, err
	}
	address, err := c.Address(r.Host)
	if err != nil {
		return false, err
	}
	authorizer, ok := host.Authorizer.(*auth.Authorizer)
	if !ok {
		return false, nil
	}
	ctx = docker.WithScope(Quiet(ctx), r.PushScope())
	err = c.Retry(ctx, func(ctx context.Context) error {
		response, err := sendAuthorized(ctx, host, apiCall{method: http.MethodGet, address: address})
		if err == nil {
			drainBody(response)
		}
		return err
	})
	if err != nil {
		return false, err
	}
	return authorizer.Grants(ctx, "repository:"+r.Path+":push"), nil
}
