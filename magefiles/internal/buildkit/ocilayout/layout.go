// Package ocilayout keeps built images on disk, in an OCI image layout: it finds, repairs and forgets them.
package ocilayout

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"time"

	"github.com/containerd/containerd/v2/core/content"
	contentlocal "github.com/containerd/containerd/v2/plugins/content/local"
	"github.com/moby/buildkit/util/bklog"
	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/filelock"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/output"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// Layout is an OCI image layout directory (OCI image-spec v1.1, image-layout.md) that holds the built images of all
// components. BuildKit writes blobs into it, a registry client reads them, also in another process; skopeo and crane
// read it as oci:DIRECTORY:REPOSITORY:TAG.
type Layout struct {
	files output.Dir
	store content.Store
	index ocispec.Index
}

// Entry is an image under the name by which it is found again.
type Entry struct {
	Ref        imageref.Reference
	Descriptor ocispec.Descriptor
	Revision   commitid.ID           // the commit that was asked for; the image may have been built for another. Empty is unknown
	Key        string                // identifies what it is made of; empty is unknown
	PrepareKey string                // identifies what that was prepared from; empty is unknown, or nothing is prepared
	Sources    []imageref.Repository // of its base images
	Remote     bool                  // its blobs are not here: a daemon has pushed them by digest to Ref's repository
}

// Open opens the layout in dir, whose parent is an output directory (output.Open), and creates what is missing or
// unreadable. What other processes put later is seen by opening again.
func Open(dir string) (*Layout, error) {
	parent, err := output.Open(filepath.Dir(dir))
	if err != nil {
		return nil, err
	}
	files, err := parent.Sub(filepath.Base(dir))
	for _, name := range []string{ingestDir, ocispec.ImageBlobsDir, path.Join(ocispec.ImageBlobsDir, digest.SHA256.String())} {
		if err == nil {
			_, err = files.Sub(name)
		}
	}
	if err != nil {
		return nil, err
	}
	bklog.L.Logger.SetOutput(io.Discard) // the store writes to standard error which file systems it prefers
	store, err := contentlocal.NewStore(dir)
	if err != nil {
		return nil, fmt.Errorf("opening image layout %q: %w", dir, err)
	}
	l := &Layout{files: files, store: store}
	if err := l.createVersion(); err != nil {
		return nil, err
	}
	if err := l.readIndex(); err != nil {
		return nil, err
	}
	return l, nil
}

// ingestDir is the directory in which the store keeps incomplete content.
const ingestDir = "ingest"

// Store returns the blobs, for a registry client that pushes them.
func (l *Layout) Store() content.Store { return l.store }

// Find returns the root descriptor (manifest or index) of the image of a name.
func (l *Layout) Find(ref imageref.Reference) (ocispec.Descriptor, bool) {
	name := ref.String()
	i := slices.IndexFunc(l.index.Manifests, func(d ocispec.Descriptor) bool {
		return d.Annotations[ocispec.AnnotationRefName] == name
	})
	if i < 0 {
		return ocispec.Descriptor{}, false
	}
	return l.index.Manifests[i], true
}

// IsRemote reports whether the blobs of a descriptor that Find returned are in its repository and not here.
func IsRemote(desc ocispec.Descriptor) bool { return desc.Annotations[annotationRemote] != "" }

// Put names the images of one build, all in one atomic replacement of index.json. A name that is already there moves
// to its new image. Their blobs must be in Store.
func (l *Layout) Put(ctx context.Context, entries ...Entry) error {
	if err := l.awaitTick(ctx, entries); err != nil {
		return err
	}
	release, err := l.lockFile(ctx, "index.json.lock", true)
	if err != nil {
		return err
	}
	defer release()
	if err := l.readIndex(); err != nil {
		return err
	}
	now := time.Now().UTC().Format(builtFormat)
	for _, e := range entries {
		name := e.Ref.String()
		l.index.Manifests = slices.DeleteFunc(l.index.Manifests, func(d ocispec.Descriptor) bool {
			return d.Annotations[ocispec.AnnotationRefName] == name
		})
		annotations := map[string]string{
			ocispec.AnnotationRefName: name, annotationBuilt: now,
			ocispec.AnnotationRevision: string(e.Revision), plan.KeyAnnotation: e.Key,
			plan.PrepareKeyAnnotation: e.PrepareKey, annotationSources: sourcesText(e.Sources),
		}
		if e.Remote {
			annotations[annotationRemote] = "true"
		}
		maps.DeleteFunc(annotations, func(_, value string) bool { return value == "" })
		l.index.Manifests = append(l.index.Manifests, ocispec.Descriptor{
			MediaType: e.Descriptor.MediaType, Digest: e.Descriptor.Digest, Size: e.Descriptor.Size,
			Platform: e.Descriptor.Platform, Annotations: annotations,
		})
	}
	return l.writeJSON(ocispec.ImageIndexFile, l.index)
}

// readIndex takes an index that is missing or damaged, by a full disk or a power failure, for an empty one, which the next build
// writes: images are found by their names in it alone, so what has none is built again.
func (l *Layout) readIndex() error {
	l.index = ocispec.Index{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex, Manifests: []ocispec.Descriptor{},
	}
	data, err := l.files.Read(ocispec.ImageIndexFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading image layout: %w", err)
	}
	var index ocispec.Index
	if json.Unmarshal(data, &index) == nil && !slices.ContainsFunc(index.Manifests, hasInvalidDigest) {
		l.index = index
	}
	return nil
}

func hasInvalidDigest(desc ocispec.Descriptor) bool { return desc.Digest.Validate() != nil }

// createVersion writes the file by which others know a layout.
func (l *Layout) createVersion() error {
	var found ocispec.ImageLayout
	if data, err := l.files.Read(ocispec.ImageLayoutFile); err == nil && json.Unmarshal(data, &found) == nil && found.Version != "" {
		return nil
	}
	return l.writeJSON(ocispec.ImageLayoutFile, ocispec.ImageLayout{Version: ocispec.ImageLayoutVersion})
}

// lockFile takes the advisory lock of a file in the layout, see filelock.Acquire.
func (l *Layout) lockFile(ctx context.Context, name string, exclusive bool) (release func(), err error) {
	place, err := l.files.File(name)
	if err != nil {
		return nil, err
	}
	return filelock.Acquire(ctx, place, exclusive)
}

// writeJSON replaces a file by rename: a reader sees the old or the new content, a killed writer leaves the old.
func (l *Layout) writeJSON(name string, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encoding %q: %w", name, err)
	}
	err = l.files.Replace(name, func(w io.Writer) error { _, err := w.Write(data); return err })
	if err != nil {
		return fmt.Errorf("writing image layout: %w", err)
	}
	return nil
}

// Manifests returns those of an index, or the one that root is.
func (l *Layout) Manifests(ctx context.Context, root ocispec.Descriptor) ([]ocispec.Descriptor, error) {
	if root.MediaType != ocispec.MediaTypeImageIndex {
		return []ocispec.Descriptor{root}, nil
	}
	data, err := content.ReadBlob(ctx, l.store, root)
	if err != nil {
		return nil, fmt.Errorf("reading index %s: %w", root.Digest, err)
	}
	var index ocispec.Index
	if err := json.Unmarshal(data, &index); err != nil {
		return nil, fmt.Errorf("decoding index %s: %w", root.Digest, err)
	}
	return index.Manifests, nil
}
