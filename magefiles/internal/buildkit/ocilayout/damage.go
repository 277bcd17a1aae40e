package ocilayout

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/core/images"
	"github.com/containerd/errdefs"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/backoff"
)

// Repair removes the blobs of an image that are not what their digests say: cut by a full disk or a power failure, or
// overwritten. It returns their digests, and those of blobs that are missing: all of them are made again by the next build.
//
// Manifests are read, and layers too that were written after root's entry was put. Of the others the size is compared; thorough
// reads them as well.
func (l *Layout) Repair(ctx context.Context, root ocispec.Descriptor, thorough bool) ([]digest.Digest, error) {
	c := damageCheck{store: l.store, seen: map[digest.Digest]bool{}}
	if built, err := time.Parse(builtFormat, root.Annotations[annotationBuilt]); err == nil && !thorough {
		c.trusted = built.Add(-clockTick)
	}
	return c.removeDamaged(ctx, root)
}

// clockTick is more than a file's time may lie behind the clock: kernels read it from their last tick.
const clockTick = 20 * time.Millisecond

// largeLayer is the size in bytes from which reading a layer again takes longer than waiting for the clock.
const largeLayer = 8 << 20

// awaitTick waits until no large layer of the entries is younger than a clock tick. Their time then tells that they were written
// before the entries were put, and the next build does not read them.
func (l *Layout) awaitTick(ctx context.Context, entries []Entry) error {
	var newest time.Time
	for _, e := range entries {
		if e.Remote {
			continue
		}
		written, err := l.lastWritten(ctx, e.Descriptor)
		if err != nil {
			return err
		}
		if written.After(newest) {
			newest = written
		}
	}
	wait := time.Until(newest.Add(clockTick))
	if wait > clockTick {
		return nil // the clock was set back
	}
	return backoff.Sleep(ctx, wait)
}

// lastWritten returns when the youngest large layer of an image was written, the zero time where it has none.
func (l *Layout) lastWritten(ctx context.Context, root ocispec.Descriptor) (newest time.Time, err error) {
	c := damageCheck{store: l.store}
	children, err := c.childrenOf(ctx, root)
	if err != nil {
		return newest, fmt.Errorf("reading the manifest %s: %w", root.Digest, err)
	}
	for _, child := range children {
		var written time.Time
		switch {
		case isDocument(child):
			written, err = l.lastWritten(ctx, child)
		case child.Size >= largeLayer:
			var info content.Info
			info, err = l.store.Info(ctx, child.Digest)
			written = info.CreatedAt
		}
		if err != nil {
			return newest, fmt.Errorf("looking at the blob %s: %w", child.Digest, err)
		}
		if written.After(newest) {
			newest = written
		}
	}
	return newest, nil
}

// RepairExported is Repair of images that were exported just now.
func (l *Layout) RepairExported(ctx context.Context, roots []ocispec.Descriptor) ([]digest.Digest, error) {
	c := damageCheck{store: l.store, seen: map[digest.Digest]bool{}, trusted: time.Now()}
	return c.removeDamaged(ctx, roots...)
}

// damageCheck looks for damage.
type damageCheck struct {
	store   content.Store
	trusted time.Time // layers that were last written before are not read
	seen    map[digest.Digest]bool
	damaged []digest.Digest
}

func (c *damageCheck) removeDamaged(ctx context.Context, roots ...ocispec.Descriptor) ([]digest.Digest, error) {
	for _, root := range roots {
		if err := c.visitBlob(ctx, root); err != nil {
			return nil, err
		}
	}
	for _, blob := range c.damaged {
		if err := c.store.Delete(ctx, blob); err != nil && !errdefs.IsNotFound(err) {
			return nil, fmt.Errorf("removing a damaged blob: %w", err)
		}
	}
	return c.damaged, nil
}

func (c *damageCheck) visitBlob(ctx context.Context, desc ocispec.Descriptor) error {
	if c.seen[desc.Digest] {
		return nil
	}
	c.seen[desc.Digest] = true
	whole, err := c.isWhole(ctx, desc)
	if err != nil {
		return fmt.Errorf("checking the blob %s: %w", desc.Digest, err)
	}
	if !whole {
		c.damaged = append(c.damaged, desc.Digest)
		return nil
	}
	if !isDocument(desc) {
		return nil
	}
	children, err := c.childrenOf(ctx, desc)
	for _, child := range children {
		if err == nil {
			err = c.visitBlob(ctx, child)
		}
	}
	return err
}

// isDocument reports whether a blob names others.
func isDocument(desc ocispec.Descriptor) bool {
	return images.IsManifestType(desc.MediaType) || images.IsIndexType(desc.MediaType)
}

// childrenOf are all blobs that a manifest or index names.
func (c *damageCheck) childrenOf(ctx context.Context, desc ocispec.Descriptor) ([]ocispec.Descriptor, error) {
	data, err := content.ReadBlob(ctx, c.store, desc)
	if err != nil {
		return nil, err
	}
	var document struct {
		Config    *ocispec.Descriptor  `json:"config"`
		Layers    []ocispec.Descriptor `json:"layers"`
		Manifests []ocispec.Descriptor `json:"manifests"`
	}
	if err := json.Unmarshal(data, &document); err != nil {
		return nil, err
	}
	children := slices.Concat(document.Manifests, document.Layers)
	if document.Config != nil {
		children = append(children, *document.Config)
	}
	return children, nil
}

// isWhole compares the size, which costs nothing, before the digest.
func (c *damageCheck) isWhole(ctx context.Context, desc ocispec.Descriptor) (bool, error) {
	info, err := c.store.Info(ctx, desc.Digest)
	switch {
	case errdefs.IsNotFound(err):
		return false, nil
	case err != nil:
		return false, err
	case info.Size != desc.Size:
		return false, nil
	case !isDocument(desc) && info.CreatedAt.Before(c.trusted):
		return true, nil
	}
	reader, err := c.store.ReaderAt(ctx, desc)
	if err != nil {
		return false, err
	}
	defer reader.Close()
	verifier := desc.Digest.Verifier()
	_, err = io.Copy(verifier, content.NewReader(reader))
	return verifier.Verified(), err
}
