package ocilayout

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/core/images"
	"github.com/containerd/errdefs"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/filelock"
)

// annotationBuilt holds the time when an entry was put; entries of one build share it.
const annotationBuilt = "com.github.xiilab.astrago-ci.built"

// builtFormat has a fixed width, so that times compare as strings.
const builtFormat = "2006-01-02T15:04:05.000000000Z"

// keptBuilds is the number of builds that a layout keeps: enough to push an image from before the last mistake.
const keptBuilds = 5

// Hold keeps Prune of any process from removing blobs, until release is called: take it while blobs are written that no
// entry names yet, or read while another build may replace their entry.
func (l *Layout) Hold(ctx context.Context) (release func(), err error) {
	return l.lockFile(ctx, "blobs.lock", false)
}

// Prune drops the entries of all but the last few builds, then every blob that no entry names and what killed
// builds left half written. It does nothing while the layout is held; a later build prunes then.
func (l *Layout) Prune(ctx context.Context) error {
	_, err := l.PruneTo(ctx, keptBuilds)
	return err
}

// PruneTo is Prune that leaves the last few builds, and returns the bytes of the blobs that it removed.
func (l *Layout) PruneTo(ctx context.Context, builds int) (freed int64, err error) {
	place, err := l.files.File("blobs.lock")
	if err != nil {
		return 0, err
	}
	release, held, err := filelock.TryAcquire(place)
	if err != nil || held {
		return 0, err
	}
	defer release()
	if err := l.forgetOld(ctx, builds); err != nil {
		return 0, err
	}
	named, err := l.BlobSizes(ctx, l.index.Manifests...)
	if err != nil {
		return 0, err
	}
	if freed, err = l.removeUnnamed(ctx, named); err != nil {
		return freed, fmt.Errorf("pruning image layout %q: %w", l.files.Path(), err)
	}
	return freed, nil
}

func (l *Layout) forgetOld(ctx context.Context, kept int) error {
	release, err := l.lockFile(ctx, "index.json.lock", true)
	if err != nil {
		return err
	}
	defer release()
	if err := l.readIndex(); err != nil {
		return err
	}
	var builds []string
	for _, d := range l.index.Manifests {
		builds = append(builds, d.Annotations[annotationBuilt])
	}
	slices.Sort(builds)
	builds = slices.Compact(builds)
	if len(builds) <= kept {
		return nil
	}
	forgotten := builds[:len(builds)-kept]
	l.index.Manifests = slices.DeleteFunc(l.index.Manifests, func(d ocispec.Descriptor) bool {
		return slices.Contains(forgotten, d.Annotations[annotationBuilt])
	})
	return l.writeJSON(ocispec.ImageIndexFile, l.index)
}

// BlobSizes returns every blob that the images consist of, themselves included, with its size. What only a manifest names that is
// missing or damaged is left out: no image is made of it any more.
func (l *Layout) BlobSizes(ctx context.Context, roots ...ocispec.Descriptor) (map[digest.Digest]int64, error) {
	sizes := map[digest.Digest]int64{}
	children := images.ChildrenHandler(l.store)
	visit := func(ctx context.Context, d ocispec.Descriptor) ([]ocispec.Descriptor, error) {
		sizes[d.Digest] = d.Size
		next, err := children(ctx, d)
		if err != nil && ctx.Err() == nil {
			return nil, nil // the next build that wants the image finds the damage, and makes it again
		}
		return next, err
	}
	if err := images.Walk(ctx, images.HandlerFunc(visit), roots...); err != nil {
		return nil, fmt.Errorf("walking images of %q: %w", l.files.Path(), err)
	}
	return sizes, nil
}

func (l *Layout) removeUnnamed(ctx context.Context, named map[digest.Digest]int64) (freed int64, err error) {
	var garbage []content.Info
	err = l.store.Walk(ctx, func(info content.Info) error {
		if _, ok := named[info.Digest]; !ok {
			garbage = append(garbage, info)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	for _, info := range garbage {
		if err := l.store.Delete(ctx, info.Digest); err != nil && !errdefs.IsNotFound(err) {
			return freed, err
		}
		freed += info.Size
	}
	return freed, l.sweepUnfinished()
}

// sweepUnfinished removes what killed builds left half written. The store cannot list it where a build was killed between
// making the directory and the files in it; nothing writes there, since the layout is not held.
func (l *Layout) sweepUnfinished() error {
	unfinished, err := l.files.File(ingestDir)
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(unfinished)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, entry := range entries {
		if err := os.RemoveAll(filepath.Join(unfinished, entry.Name())); err != nil {
			return err
		}
	}
	return nil
}
