package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
)

// put writes a blob into a store.
func put(ctx context.Context, store content.Store, mediaType string, data []byte) (ocispec.Descriptor, error) {
	desc := ocispec.Descriptor{MediaType: mediaType, Digest: digest.FromBytes(data), Size: int64(len(data))}
	if err := content.WriteBlob(ctx, store, desc.Digest.String(), bytes.NewReader(data), desc); err != nil {
		return desc, fmt.Errorf("writing a blob: %w", err)
	}
	return desc, nil
}

func putJSON(ctx context.Context, store content.Store, mediaType string, document any) (ocispec.Descriptor, error) {
	data, err := json.Marshal(document)
	if err != nil {
		return ocispec.Descriptor{}, fmt.Errorf("encoding a document: %w", err)
	}
	return put(ctx, store, mediaType, data)
}

// tag is that of the application's only component at its commit; empty where git does not answer, which the next command tells.
func (a *application) tag(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "git", "-C", a.dir, "rev-parse", "HEAD").Output()
	if err != nil {
		return ""
	}
	return a.names()[0] + "-stage-" + commitid.ID(strings.TrimSpace(string(out))).Short()
}
