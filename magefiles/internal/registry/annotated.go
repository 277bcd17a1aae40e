package registry

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"

	"github.com/containerd/containerd/v2/core/remotes/docker"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// TagAnnotated puts a tag on a copy of an image's manifest or index that has further annotations: the same image, found by
// what was learned of it after it was pushed. Its repository has all that it names. A tag that cannot move stays.
func (c *Client) TagAnnotated(ctx context.Context, reference string, found Found, annotations map[string]string) error {
	r, err := parseImage(reference)
	if err != nil {
		return err
	}
	content, err := annotated(found.Manifest, annotations)
	if err != nil {
		return fmt.Errorf("annotating %s: %w", found.Descriptor.Digest, err)
	}
	ctx = docker.WithScope(ctx, r.scope())
	desc := ocispec.Descriptor{MediaType: found.Descriptor.MediaType, Digest: digest.FromBytes(content), Size: int64(len(content))}
	if err = c.putManifest(ctx, r, desc, content); err == nil {
		return nil
	}
	if _, missing := c.resolve(ctx, r); missing == nil {
		return nil
	}
	return c.explain(ctx, "tagging", r, err)
}

// annotated leaves all of a manifest as it is but its annotations.
func annotated(manifest []byte, annotations map[string]string) ([]byte, error) {
	var document map[string]json.RawMessage
	if err := json.Unmarshal(manifest, &document); err != nil {
		return nil, err
	}
	all := map[string]string{}
	if before, ok := document["annotations"]; ok {
		if err := json.Unmarshal(before, &all); err != nil {
			return nil, err
		}
	}
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, annotations)
	encoded, err := json.Marshal(all)
	if err != nil {
		return nil, err
	}
	document["annotations"] = encoded
	return json.Marshal(document)
}
