package images

import (
	"context"
	"fmt"

	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/ocilayout"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/output"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// layoutName is the images' directory, as messages name it.
const layoutName = output.Name + "/" + output.Images

// damageError is the error of an image whose blobs are not what their digests say. cause may be nil.
func damageError(ref imageref.Reference, blobs []digest.Digest, cause error) error {
	text := fmt.Sprintf("reading %s in %s: %s missing or damaged (a full disk, a power failure or a restored cache leaves such), the "+
		"first is %s",
		ref, layoutName, report.Plural(len(blobs), "blob"), blobs[0])
	if cause != nil {
		return problem.New(problem.Failed, "make them again: mage build", "%s: %w", text, cause)
	}
	return problem.New(problem.Failed, "make them again: mage build", "%s", text)
}

// explainDamage reads all that was to be pushed: a blob of the right size may have other bytes, which registries refuse in many
// words. What is damaged is removed, so that the next build makes it again.
func explainDamage(ctx context.Context, layout *ocilayout.Layout, images []push.Image, err error) error {
	if ctx.Err() != nil {
		return err
	}
	for _, image := range images {
		damaged, repairErr := layout.Repair(ctx, image.Descriptor, true)
		if repairErr == nil && len(damaged) > 0 {
			return damageError(image.Ref, damaged, err)
		}
	}
	return err
}
