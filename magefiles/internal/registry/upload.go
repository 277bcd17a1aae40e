package registry

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/core/remotes"
	"github.com/containerd/containerd/v2/core/remotes/docker"
	remoteserrors "github.com/containerd/containerd/v2/core/remotes/errors"
	"github.com/containerd/errdefs"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"
)

// uploadAll sends all content by digest. Registries lose blobs that they took, or find them a moment too late (ghcr.io and
// others: "unknown blob" for a manifest): then everything is looked at again, and what is missing is sent again.
func (p *push) uploadAll(ctx context.Context) error {
	for attempt := 1; ; attempt++ {
		err := p.uploadOnce(ctx)
		if err == nil || ctx.Err() != nil || attempt == attempts || !lacksContent(err) {
			return err
		}
		for _, i := range p.contents {
			i.from = "" // what was mounted may be what is missing
		}
		p.meter.again()
		if err := p.client.sleep(ctx, pauses.Before(attempt)); err != nil {
			return err
		}
	}
}

// lacksContent tells a registry that refuses a manifest because of what it names: distribution's MANIFEST_BLOB_UNKNOWN and
// BLOB_UNKNOWN, whatever the status.
func lacksContent(err error) bool {
	status, ok := errors.AsType[remoteserrors.ErrUnexpectedStatus](err)
	return ok && status.StatusCode < 500 && slices.Contains([]string{"MANIFEST_BLOB_UNKNOWN", "BLOB_UNKNOWN"}, code(status.Body))
}

// uploadOnce sends every blob, then those that are mounted from where they were just sent, then manifests level by level:
// a registry never sees a manifest before what it names.
func (p *push) uploadOnce(ctx context.Context) error {
	var steps [][]*item
	for start := 0; start < len(p.contents); {
		end := start
		for end < len(p.contents) && p.contents[end].level == p.contents[start].level {
			end++
		}
		leading, following := split(p.contents[start:end])
		steps = append(steps, leading, following)
		start = end
	}
	for _, step := range steps {
		if err := p.uploadItems(ctx, step); err != nil {
			return err
		}
	}
	return nil
}

func split(items []*item) (leading, following []*item) {
	for _, i := range items {
		if i.follows {
			following = append(following, i)
		} else {
			leading = append(leading, i)
		}
	}
	return leading, following
}

func (p *push) uploadItems(ctx context.Context, items []*item) error {
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(p.client.parallel)
	for _, i := range items {
		group.Go(func() error {
			if inner.Err() != nil {
				return context.Cause(inner)
			}
			ctx := docker.WithScope(inner, i.owner.ref.scope())
			sent, err := p.client.upload(ctx, &source{provider: p.provider, desc: i.desc, moved: p.meter.watch(i)}, i)
			p.meter.finish(i, sent, err)
			return p.client.explain(inner, "pushing", i.owner.ref, err)
		})
	}
	return group.Wait()
}

// upload makes the registry have one item. It reports whether anything was sent; content that is there already, or was
// mounted from another repository, is not. To mount is an offer: where it fails, the content is sent.
func (c *Client) upload(ctx context.Context, s *source, i *item) (sent bool, err error) {
	from, r := i.from, i.owner.ref.at(i.desc.Digest)
	err = c.retry(ctx, func(ctx context.Context) error {
		sent, err = c.uploadOnce(ctx, s, r, offer(i.desc, r, from))
		if err != nil && from != "" && ctx.Err() == nil {
			from = ""
			if !transient(err) {
				sent, err = c.uploadOnce(ctx, s, r, offer(i.desc, r, ""))
			}
		}
		return err
	})
	return sent, err
}

func (c *Client) uploadOnce(ctx context.Context, s *source, r ref, desc ocispec.Descriptor) (sent bool, err error) {
	tracker := docker.NewInMemoryTracker()
	pusher, err := c.resolver(tracker).Pusher(ctx, r.String())
	if err != nil {
		return false, err
	}
	key := remotes.MakeRefKey(ctx, desc)
	writer, err := pusher.Push(withSource(ctx, s), desc)
	if err == nil {
		err = committed(ctx, writer, tracker, key, desc)
	}
	if failure := s.failure(); failure != nil {
		return false, failure
	}
	if err != nil && !errdefs.IsAlreadyExists(err) {
		return false, err
	}
	status, err := tracker.GetStatus(key)
	if err != nil || !status.Committed {
		return false, fmt.Errorf("pushing %s: containerd reports success and no upload: %w", desc.Digest, errLost)
	}
	return !status.Exists && status.MountedFrom == "", nil
}

// committed waits for the answer to an upload whose content the request reads itself. Each time that containerd makes the
// request anew, with a new token for example, its writer has another pipe to fill and Commit returns to have that done.
func committed(ctx context.Context, writer content.Writer, tracker docker.StatusTracker, key string, desc ocispec.Descriptor) error {
	defer writer.Close()
	for {
		err := writer.Commit(ctx, 0, desc.Digest) // no size: it counts what is written to the pipe
		if err != nil && !errors.Is(err, content.ErrReset) {
			return err
		}
		if status, err := tracker.GetStatus(key); err != nil || status.Committed {
			return err
		}
	}
}
