package push

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/core/images"
	"github.com/containerd/errdefs"
	digest "github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/protocol"
)

// contentItem is a blob or manifest that one repository must have.
type contentItem struct {
	desc  ocispec.Descriptor
	owner *target // the first image that needs it there
	level int     // 0 for blobs, 1 for manifests, 2 for indexes of those, and so on

	from    string // repository of the same registry to mount it from, empty for none
	follows bool   // from is another image's of this push and must have it first
	sent    bool   // by an earlier attempt
}

// contentRoot is a manifest or an index that a target's repository must have with all below it.
type contentRoot struct {
	owner *target
	desc  ocispec.Descriptor
}

// rootsOf are the images of targets.
func rootsOf(targets []*target) []contentRoot {
	roots := make([]contentRoot, len(targets))
	for i, t := range targets {
		roots[i] = contentRoot{owner: t, desc: t.Descriptor}
	}
	return roots
}

// collectContents lists what roots need, each content once per repository, ordered by level.
func (u *uploader) collectContents(ctx context.Context, roots []contentRoot) error {
	for _, root := range roots {
		t := root.owner
		w := contentWalk{provider: u.providerOf(t), owner: t, known: map[digest.Digest]*contentItem{}}
		for _, i := range u.contents {
			if i.owner.Ref.Repository == t.Ref.Repository {
				w.known[i.desc.Digest] = i
			}
		}
		if _, err := w.visitDescriptor(ctx, root.desc); err != nil {
			switch {
			case ctx.Err() != nil:
				return context.Cause(ctx)
			case t.source != nil:
				return u.explainer.Explain(ctx, "copying", t.source.repository.At(root.desc.Digest), err)
			}
			return problem.New(problem.Failed, "build it again: mage build", "reading the image for %q: %w", t.Ref, err)
		}
		u.contents = append(u.contents, w.items...)
	}
	slices.SortStableFunc(u.contents, func(a, b *contentItem) int { return cmp.Compare(a.level, b.level) })
	u.shareBlobs()
	u.meter.addExpected(u.contents)
	return nil
}

// providerOf has what a target consists of.
func (u *uploader) providerOf(t *target) content.Provider {
	if t.source != nil {
		return t.source
	}
	return u.provider
}

// contentWalk goes through one image's content.
type contentWalk struct {
	provider content.Provider
	owner    *target
	known    map[digest.Digest]*contentItem
	items    []*contentItem // found by this walk
	visited  int
}

// maxContents bounds what one image consists of: a registry that an image is copied from may answer with indexes of indexes without
// end. An image of ten platforms with 127 layers each, as many as overlayfs mounts, has 1,300.
const maxContents = 10_000

// visitDescriptor adds a descriptor and all below it and returns its level. Layers that may not be distributed stay where their
// licence keeps them.
func (w *contentWalk) visitDescriptor(ctx context.Context, desc ocispec.Descriptor) (int, error) {
	if known, ok := w.known[desc.Digest]; ok {
		return known.level, nil
	}
	if err := protocol.RequireDigest(desc.Digest); err != nil {
		return 0, err
	}
	if w.visited++; w.visited > maxContents {
		return 0, fmt.Errorf("it has more than %d manifests and layers", maxContents)
	}
	i := &contentItem{desc: desc, owner: w.owner}
	children, err := images.Children(ctx, w.provider, desc)
	if err != nil {
		return 0, err
	}
	for _, child := range children {
		if images.IsNonDistributable(child.MediaType) {
			continue
		}
		level, err := w.visitDescriptor(ctx, child)
		if err != nil {
			return 0, err
		}
		i.level = max(i.level, level+1)
	}
	if i.level == 0 {
		if err := w.requirePresent(ctx, desc); err != nil {
			return 0, err
		}
	}
	w.known[desc.Digest] = i
	w.items = append(w.items, i)
	return i.level, nil
}

// requirePresent makes sure of a blob before anything is sent, where the provider knows it.
func (w *contentWalk) requirePresent(ctx context.Context, desc ocispec.Descriptor) error {
	store, ok := w.provider.(content.InfoProvider)
	if !ok {
		return nil
	}
	_, err := store.Info(ctx, desc.Digest)
	if errdefs.IsNotImplemented(err) {
		return nil
	}
	return err
}
