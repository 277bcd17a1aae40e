package push

import (
	"context"
	"errors"
	"slices"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/core/remotes/docker"
	remoteserrors "github.com/containerd/containerd/v2/core/remotes/errors"

	"github.com/xiilab/astrago-ci/magefiles/internal/parallel"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/answer"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/explain"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/protocol"
)

// uploader sends what the missing tags need.
type uploader struct {
	client    *protocol.Client
	explainer explain.Explainer
	parallel  int
	provider  content.Provider
	meter     *progressMeter
	contents  []*contentItem // children before parents within a level
}

// uploadAll sends all content by digest. Registries lose blobs that they took, or find them a moment too late (ghcr.io and
// others: "unknown blob" for a manifest): then everything is looked at again, and what is missing is sent again.
func (u *uploader) uploadAll(ctx context.Context) error {
	for attempt := 1; ; attempt++ {
		err := u.uploadOnce(ctx)
		if err == nil || ctx.Err() != nil || attempt == protocol.Attempts || !lacksContent(err) {
			return err
		}
		for _, i := range u.contents {
			i.from = "" // what was mounted may be what is missing
		}
		u.meter.restart()
		if err := u.client.Pause(ctx, attempt); err != nil {
			return err
		}
	}
}

// lacksContent reports whether a registry refuses a manifest because of what it names: distribution's MANIFEST_BLOB_UNKNOWN and
// BLOB_UNKNOWN, whatever the status.
func lacksContent(err error) bool {
	status, ok := errors.AsType[remoteserrors.ErrUnexpectedStatus](err)
	if _, read := errors.AsType[sourceError](err); read {
		return false // it is the other registry that lacks it
	}
	return ok && status.StatusCode < 500 && slices.Contains([]string{"MANIFEST_BLOB_UNKNOWN", "BLOB_UNKNOWN"}, answer.Code(status.Body))
}

// uploadOnce sends every blob, then those that are mounted from where they were just sent, then manifests level by level:
// a registry never sees a manifest before what it names.
func (u *uploader) uploadOnce(ctx context.Context) error {
	var steps [][]*contentItem
	for start := 0; start < len(u.contents); {
		end := start
		for end < len(u.contents) && u.contents[end].level == u.contents[start].level {
			end++
		}
		leading, following := splitFollowing(u.contents[start:end])
		steps = append(steps, leading, following)
		start = end
	}
	for _, step := range steps {
		if err := u.uploadItems(ctx, step); err != nil {
			return err
		}
	}
	return nil
}

func splitFollowing(items []*contentItem) (leading, following []*contentItem) {
	for _, i := range items {
		if i.follows {
			following = append(following, i)
		} else {
			leading = append(leading, i)
		}
	}
	return leading, following
}

func (u *uploader) uploadItems(ctx context.Context, items []*contentItem) error {
	return parallel.Each(ctx, u.parallel, items, func(ctx context.Context, _ int, i *contentItem) error {
		sent, err := u.client.Upload(docker.WithScope(ctx, i.owner.Ref.PushScope()), i.owner.Ref, protocol.Upload{
			Provider: u.providerOf(i.owner), Descriptor: i.desc, From: i.from, Moved: u.meter.progressOf(i),
		})
		u.meter.settleItem(i, sent, err)
		if failed, ok := errors.AsType[sourceError](err); ok {
			return u.explainer.Explain(ctx, "copying", failed.from, failed.cause)
		}
		return u.explainer.Explain(ctx, "pushing", i.owner.Ref, err)
	})
}
