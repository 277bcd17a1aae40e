package images

import (
	"context"
	"encoding/json"

	"github.com/containerd/containerd/v2/core/content"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/ocilayout"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/inputs"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
)

// recordsOf are by what an image is found of which it does not say so itself: the commit that it is the component's image of, and what
// `prepare` made it from this time, where it was prepared from something else. They are put before its tag: a run that is killed
// after that leaves a tag that the next one knows for its own, without `prepare` or a daemon.
func recordsOf(commit git.Commit, image plan.Image, prepareKey, prepared string) []push.Record {
	keys := []string{inputs.CommitKey(commit, image.Component)}
	if prepareKey != "" && prepareKey != prepared {
		keys = append(keys, prepareKey)
	}
	records := make([]push.Record, len(keys))
	for i, key := range keys {
		records[i] = push.Record{Tag: plan.PrepareKeyTag(key), Annotations: map[string]string{plan.RecordAnnotation: key}}
	}
	return records
}

// preparedFrom returns the preparation's inputs that an image of the layout records: it may have been built for another commit.
func preparedFrom(ctx context.Context, layout *ocilayout.Layout, desc ocispec.Descriptor) string {
	data, err := content.ReadBlob(ctx, layout.Store(), ocispec.Descriptor{MediaType: desc.MediaType, Digest: desc.Digest, Size: desc.Size})
	var root ocispec.Manifest
	if err != nil || json.Unmarshal(data, &root) != nil { // the push says what is wrong
		return ""
	}
	return root.Annotations[plan.PrepareKeyAnnotation]
}
