package protocol

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/containerd/containerd/v2/core/remotes/docker"
	remoteserrors "github.com/containerd/containerd/v2/core/remotes/errors"
	"github.com/containerd/errdefs"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
)

// OpenBlob opens a blob of any size, by its digest. Nothing of it is checked: what is uploaded elsewhere is checked there. The body ends
// with an error where no byte comes for as long as a request may wait for its answer.
func (c *Client) OpenBlob(ctx context.Context, r imageref.Reference) (body io.ReadCloser, err error) {
	if err := RequireDigest(r.Digest); err != nil {
		return nil, err
	}
	host, err := c.blobHost(r.Host)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(docker.WithScope(ctx, r.PullScope()))
	timer := time.AfterFunc(c.patience, func() { cancel(answerTimeout{c.patience}) })
	address := addressIn(host, r.Repository, "blobs/"+r.Digest.String())
	response, err := sendAuthorized(ctx, host, apiCall{method: http.MethodGet, address: address})
	if err == nil && response.StatusCode != http.StatusOK {
		err = remoteserrors.NewUnexpectedStatusErr(response)
		if response.StatusCode == http.StatusNotFound {
			err = fmt.Errorf("reading the blob: %w", errdefs.ErrNotFound)
		}
		_ = response.Body.Close()
	}
	timer.Stop()
	if err != nil {
		cancel(nil)
		return nil, err
	}
	return &blobStream{ReadCloser: response.Body, timer: timer, limit: c.patience, ctx: ctx, cancel: cancel}, nil
}

// blobHost is the registry itself, with a client whose answers may be of any length and take any time.
func (c *Client) blobHost(registry string) (docker.RegistryHost, error) {
	host, err := c.registryHost(registry)
	host.Client = c.placeOf(registry).blobs
	return host, err
}

// blobStream is a body that is given up where it stands still.
type blobStream struct {
	io.ReadCloser

	timer  *time.Timer
	limit  time.Duration
	ctx    context.Context //nolint:containedctx // it is the request's, and ends the body
	cancel context.CancelCauseFunc
}

// Read implements io.Reader.
func (b *blobStream) Read(p []byte) (int, error) {
	b.timer.Reset(b.limit)
	n, err := b.ReadCloser.Read(p)
	b.timer.Stop() // what is done with it in between takes its own time
	if cause := context.Cause(b.ctx); err != nil && cause != nil {
		err = cause
	}
	return n, err
}

// Close implements io.Closer.
func (b *blobStream) Close() error {
	b.timer.Stop()
	b.cancel(nil)
	return b.ReadCloser.Close()
}
