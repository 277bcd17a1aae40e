package protocol

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"

	"github.com/containerd/containerd/v2/core/remotes/docker"
	"github.com/containerd/errdefs"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/auth"
)

// apiCall is one request of this package's own: containerd has none for operations other than push and pull, and needs more of them than
// necessary for a manifest.
type apiCall struct {
	method  string
	address string
	header  http.Header // beside the identification
	body    []byte      // nil for none
}

// addressIn is where a server has something of a repository, as the distribution specification says it.
func addressIn(host docker.RegistryHost, r imageref.Repository, what string) string {
	return fmt.Sprintf("%s://%s%s/%s/%s", host.Scheme, host.Host, host.Path, r.Path, what)
}

// sendAuthorized makes a request and answers the challenges that it meets.
func sendAuthorized(ctx context.Context, host docker.RegistryHost, c apiCall) (*http.Response, error) {
	var responses []*http.Response
	for {
		request, err := c.newRequest(ctx, host.Header)
		if err != nil {
			return nil, err
		}
		if err := host.Authorizer.Authorize(ctx, request); err != nil {
			return nil, err
		}
		response, err := host.Client.Do(request)
		if err != nil || response.StatusCode != http.StatusUnauthorized {
			return response, err
		}
		responses = append(responses, response)
		err = host.Authorizer.AddResponses(ctx, responses)
		if errdefs.IsNotImplemented(err) {
			return response, nil // its status says it all
		}
		drainBody(response)
		if err != nil {
			return nil, err
		}
	}
}

func (c apiCall) newRequest(ctx context.Context, header http.Header) (*http.Request, error) {
	var body io.Reader
	if c.body != nil {
		body = bytes.NewReader(c.body)
	}
	request, err := http.NewRequestWithContext(ctx, c.method, c.address, body)
	if err != nil {
		return nil, err
	}
	request.Header = auth.Identification()
	maps.Copy(request.Header, header)
	maps.Copy(request.Header, c.header)
	return request, nil
}

// drainBody reads what is left of an answer, so that its connection can be used again.
func drainBody(response *http.Response) {
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, maxDocument))
	_ = response.Body.Close()
}
