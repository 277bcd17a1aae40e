package registry

import (
	"context"
	"fmt"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/core/remotes"
	"github.com/containerd/containerd/v2/core/remotes/docker"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"
)

// uploadAll sends all content by digest: every blob, then manifests level by level, so that a registry never sees a
// manifest before what it names.
func (p *push) uploadAll(ctx context.Context) error {
	for start := 0; start < len(p.contents); {
		end := start
		for end < len(p.contents) && p.contents[end].level == p.contents[start].level {
			end++
		}
		if err := p.uploadLevel(ctx, p.contents[start:end]); err != nil {
			return err
		}
		start = end
	}
	return nil
}

func (p *push) uploadLevel(ctx context.Context, items []*item) error {
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(p.client.parallel)
	for _, i := range items {
		group.Go(func() error {
			if inner.Err() != nil {
				return context.Cause(inner)
			}
			ctx := docker.WithScope(inner, i.owner.ref.scope())
			sent, err := p.client.upload(ctx, p.meter.watch(p.provider, i), i.owner.ref.at(i.desc.Digest), i.desc)
			p.meter.finish(i, sent, err)
			return p.client.explain(inner, "pushing", i.owner.ref, err)
		})
	}
	return group.Wait()
}

// upload makes the registry have one descriptor's content, under the reference's tag if it has one. It reports whether
// anything was sent; content that is there already is not.
func (c *Client) upload(ctx context.Context, provider content.Provider, r ref, desc ocispec.Descriptor) (sent bool, err error) {
	err = c.retry(ctx, func(ctx context.Context) error {
		tracker := docker.NewInMemoryTracker()
		pusher, err := c.resolver(tracker).Pusher(ctx, r.String())
		if err != nil {
			return err
		}
		if _, err := remotes.PushHandler(masked{pusher}, provider)(ctx, desc); err != nil {
			return err
		}
		status, err := tracker.GetStatus(remotes.MakeRefKey(ctx, desc))
		if err != nil || !status.Committed {
			return fmt.Errorf("pushing %s: containerd reports success and no upload: %w", desc.Digest, errLost)
		}
		sent = !status.Exists && status.MountedFrom == ""
		return nil
	})
	return sent, err
}

// masked hides that containerd's pusher is an Ingester too. BuildKit's util/push does the same: through that interface
// content that another upload left unfinished is waited for without an end.
type masked struct{ remotes.Pusher }
