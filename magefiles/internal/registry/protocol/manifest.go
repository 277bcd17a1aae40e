package protocol

import (
	"context"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"strings"

	"github.com/containerd/containerd/v2/core/images"
	"github.com/containerd/containerd/v2/core/remotes/docker"
	remoteserrors "github.com/containerd/containerd/v2/core/remotes/errors"
	"github.com/containerd/errdefs"
	digest "github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/bounded"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
)

// maxDocument bounds manifests and image configurations, in bytes; registries take manifests up to this size.
const maxDocument = 4 << 20

// manifestTypes are all that an image's root may be.
var manifestTypes = strings.Join([]string{
	ocispec.MediaTypeImageIndex, ocispec.MediaTypeImageManifest,
	images.MediaTypeDockerSchema2ManifestList, images.MediaTypeDockerSchema2Manifest,
}, ", ")

// manifestAddress returns the address from which a manifest is fetched and to which it is put: by its tag, or where there is none by its
// digest.
func manifestAddress(host docker.RegistryHost, r imageref.Reference) string {
	name := r.Tag
	if name == "" {
		name = r.Digest.String()
	}
	return addressIn(host, r.Repository, "manifests/"+name)
}

// GetManifest returns a manifest or an index in one request, and checks what came.
func (c *Client) GetManifest(ctx context.Context, r imageref.Reference) (desc ocispec.Descriptor, content []byte, err error) {
	if err := requireDigestOf(r); err != nil {
		return desc, nil, err
	}
	ctx = docker.WithScope(ctx, r.PullScope())
	err = c.Retry(Quiet(ctx), func(ctx context.Context) error {
		desc, content, err = c.getManifestOnce(ctx, r)
		return err
	})
	return desc, content, err
}

// getManifestOnce asks one server after the other, and returns what the last one says where none has the manifest.
func (c *Client) getManifestOnce(ctx context.Context, r imageref.Reference) (desc ocispec.Descriptor, content []byte, err error) {
	servers, err := c.pullHosts(r.Host)
	if err != nil {
		return desc, nil, err
	}
	for _, server := range servers {
		if desc, content, err = getManifestOf(ctx, server, r); err == nil || ctx.Err() != nil {
			break
		}
	}
	return desc, content, err
}

func getManifestOf(ctx context.Context, host docker.RegistryHost, r imageref.Reference) (ocispec.Descriptor, []byte, error) {
	response, err := sendAuthorized(ctx, host, apiCall{
		method: http.MethodGet, address: manifestAddress(host, r), header: http.Header{"Accept": {manifestTypes}},
	})
	if err != nil {
		return ocispec.Descriptor{}, nil, err
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound:
		return ocispec.Descriptor{}, nil, fmt.Errorf("reading the manifest: %w", errdefs.ErrNotFound)
	default:
		return ocispec.Descriptor{}, nil, remoteserrors.NewUnexpectedStatusErr(response)
	}
	content, err := bounded.ReadAll(response.Body, maxDocument)
	if err != nil {
		return ocispec.Descriptor{}, nil, fmt.Errorf("reading the manifest of %s: %w", r, err)
	}
	desc := ocispec.Descriptor{MediaType: mediaType(response.Header, content), Digest: digest.FromBytes(content), Size: int64(len(content))}
	if r.Digest == "" {
		return desc, content, nil
	}
	desc.Digest = r.Digest
	return desc, content, checkContent(content, r.Digest)
}

// mediaType takes the header's word, which a registry keeps from the push, else the document's own.
func mediaType(header http.Header, content []byte) string {
	named, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err == nil && (images.IsManifestType(named) || images.IsIndexType(named)) {
		return named
	}
	var document struct {
		MediaType string `json:"mediaType"`
	}
	if json.Unmarshal(content, &document) != nil {
		return named
	}
	return document.MediaType
}

// PutManifest stores a manifest under the reference's tag, in one request: nothing of the image is looked up or sent. The
// repository must have all that it names.
func (c *Client) PutManifest(ctx context.Context, r imageref.Reference, desc ocispec.Descriptor, content []byte) error {
	host, err := c.registryHost(r.Host)
	if err != nil {
		return err
	}
	return c.Retry(Quiet(ctx), func(ctx context.Context) error {
		response, err := sendAuthorized(ctx, host, apiCall{
			method: http.MethodPut, address: manifestAddress(host, r), body: content,
			header: http.Header{"Content-Type": {desc.MediaType}},
		})
		if err != nil {
			return err
		}
		defer drainBody(response)
		if response.StatusCode/100 != 2 {
			return remoteserrors.NewUnexpectedStatusErr(response)
		}
		return nil
	})
}
