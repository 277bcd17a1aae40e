package protocol

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/containerd/containerd/v2/core/remotes/docker"
	remoteserrors "github.com/containerd/containerd/v2/core/remotes/errors"
	"github.com/containerd/errdefs"
	digest "github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/bounded"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
)

// maxReferrerPages bounds how many answers a list of referrers may have.
const maxReferrerPages = 100

// Referrers returns the manifests that name an image as their subject, such as signatures, by the registry's own list. Where it keeps
// none, listed is false; then their list is under ReferrersTag, if there is one.
func (c *Client) Referrers(ctx context.Context, r imageref.Reference) (found []ocispec.Descriptor, listed bool, err error) {
	if err := RequireDigest(r.Digest); err != nil {
		return nil, false, err
	}
	host, err := c.registryHost(r.Host)
	if err != nil {
		return nil, false, err
	}
	ctx = docker.WithScope(Quiet(ctx), r.PullScope())
	address := addressIn(host, r.Repository, "referrers/"+r.Digest.String())
	for range maxReferrerPages {
		var page referrersPage
		err = c.Retry(ctx, func(ctx context.Context) error {
			page, err = readReferrers(ctx, host, address)
			return err
		})
		if err != nil || !page.listed {
			return nil, false, err
		}
		if found = append(found, page.manifests...); page.next == "" {
			return found, true, nil
		}
		address = page.next
	}
	return nil, true, fmt.Errorf("reading the referrers of %s: there are more than %d answers", r.Digest, maxReferrerPages)
}

// ReferrersTag is the tag of the list of referrers in a registry that keeps none itself (distribution specification, "Unavailable
// Referrers API").
func ReferrersTag(subject digest.Digest) string {
	return strings.Replace(subject.String(), ":", "-", 1)
}

// referrersPage is one answer.
type referrersPage struct {
	listed    bool // the registry keeps a list
	manifests []ocispec.Descriptor
	next      string // address of the next one; empty: it is the last
}

// readReferrers asks for one answer. Registries from before there were referrers know no such address, and say so in several ways.
func readReferrers(ctx context.Context, host docker.RegistryHost, address string) (none referrersPage, err error) {
	response, err := sendAuthorized(ctx, host, apiCall{
		method: http.MethodGet, address: address, header: http.Header{"Accept": {ocispec.MediaTypeImageIndex}},
	})
	if err != nil {
		return none, err
	}
	defer drainBody(response)
	switch response.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound, http.StatusBadRequest, http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return none, nil
	default:
		return none, remoteserrors.NewUnexpectedStatusErr(response)
	}
	content, err := bounded.ReadAll(response.Body, maxDocument)
	if err != nil {
		return none, fmt.Errorf("reading a list of referrers: %w", err)
	}
	var index ocispec.Index
	if json.Unmarshal(content, &index) != nil || mediaType(response.Header, content) != ocispec.MediaTypeImageIndex {
		return none, nil // a page of something else
	}
	return referrersPage{listed: true, manifests: index.Manifests, next: nextPage(response)}, nil
}

// nextPage is the address of the next answer, on the same host: a link elsewhere is none of the list's.
func nextPage(response *http.Response) string {
	for _, link := range response.Header.Values("Link") {
		target, parameters, ok := strings.Cut(link, ";")
		target = strings.TrimSpace(target)
		if !ok || !strings.Contains(parameters, `rel="next"`) || !strings.HasPrefix(target, "<") || !strings.HasSuffix(target, ">") {
			continue
		}
		address, err := response.Request.URL.Parse(strings.Trim(target, "<>"))
		if err == nil && sameHost(address, response.Request.URL) {
			return address.String()
		}
	}
	return ""
}

func sameHost(a, b *url.URL) bool { return a.Scheme == b.Scheme && a.Host == b.Host }

// ReferrersIndex returns the list of referrers that is under ReferrersTag; nothing where there is none.
func ReferrersIndex(ctx context.Context, c *Client, r imageref.Reference) ([]ocispec.Descriptor, error) {
	_, content, err := c.GetManifest(ctx, r.Repository.Tagged(ReferrersTag(r.Digest)))
	if errdefs.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var index ocispec.Index
	if err := json.Unmarshal(content, &index); err != nil {
		return nil, fmt.Errorf("reading the referrers of %s: %w", r.Digest, err)
	}
	return index.Manifests, nil
}
