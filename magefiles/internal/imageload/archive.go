package imageload

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/core/images"
	"github.com/containerd/containerd/v2/pkg/archive/compression"
	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// dockerImage is an entry of manifest.json, by which an Engine without containerd's image store loads (moby,
// image/spec/spec.md, "Combined Image JSON + Filesystem Changeset Format").
type dockerImage struct {
	Config   string
	RepoTags []string
	Layers   []string
}

// writeArchive writes images as one tar stream that every Engine loads: an OCI image layout with Docker's manifest.json
// beside it. What images share is in it once. Layers stay as they are, compressed, but for those of zstd where the Engine
// does not know that.
func writeArchive(ctx context.Context, w io.Writer, provider content.Provider, choices []platformImage, zstd bool) error {
	a := archiveWriter{ctx: ctx, tar: tar.NewWriter(w), provider: provider, zstd: zstd, written: map[string]bool{}}
	index := ocispec.Index{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex}
	var manifest []dockerImage
	for _, c := range choices {
		desc := c.desc
		desc.Annotations = map[string]string{images.AnnotationImageName: c.ref, ocispec.AnnotationRefName: c.ref}
		index.Manifests = append(index.Manifests, desc)
		entry := dockerImage{Config: blobPath(c.manifest.Config.Digest), RepoTags: []string{c.ref}}
		for _, layer := range c.manifest.Layers {
			entry.Layers = append(entry.Layers, a.entryPath(layer))
		}
		manifest = append(manifest, entry)
	}
	a.addJSON(ocispec.ImageLayoutFile, ocispec.ImageLayout{Version: ocispec.ImageLayoutVersion})
	a.addJSON(ocispec.ImageIndexFile, index)
	a.addJSON("manifest.json", manifest)
	for _, c := range choices {
		for _, blob := range c.allBlobs() {
			a.addBlob(blob)
		}
	}
	if a.err != nil {
		return a.err
	}
	return a.tar.Close()
}

func blobPath(d digest.Digest) string {
	return path.Join(ocispec.ImageBlobsDir, d.Algorithm().String(), d.Encoded())
}

// archiveWriter writes files until the first error.
type archiveWriter struct {
	ctx      context.Context // it lives as long as one writeArchive
	tar      *tar.Writer
	provider content.Provider
	zstd     bool            // the reader knows it
	written  map[string]bool // paths
	err      error
}

// entryPath is a blob's; that of a layer that is unpacked on the way is no blob's.
func (a *archiveWriter) entryPath(desc ocispec.Descriptor) string {
	if a.unpacksLayer(desc) {
		return blobPath(desc.Digest) + ".tar"
	}
	return blobPath(desc.Digest)
}

func (a *archiveWriter) unpacksLayer(desc ocispec.Descriptor) bool {
	return !a.zstd && strings.HasSuffix(desc.MediaType, "+zstd")
}

func (a *archiveWriter) addJSON(name string, value any) {
	data, err := json.Marshal(value)
	if err != nil && a.err == nil {
		a.err = err
	}
	a.addFile(name, int64(len(data)), bytes.NewReader(data))
}

func (a *archiveWriter) addBlob(desc ocispec.Descriptor) {
	if a.err != nil || a.written[a.entryPath(desc)] {
		return
	}
	a.written[a.entryPath(desc)] = true
	reader, err := a.provider.ReaderAt(a.ctx, desc)
	if err != nil {
		a.err = fmt.Errorf("reading blob %s: %w", desc.Digest, err)
		return
	}
	defer reader.Close()
	if !a.unpacksLayer(desc) {
		a.addFile(a.entryPath(desc), reader.Size(), content.NewReader(reader))
		return
	}
	// A tar header comes before the file, and holds its size: the layer is unpacked once to count, once to write.
	size, err := unpackLayer(io.Discard, reader)
	if err != nil {
		a.err = fmt.Errorf("unpacking layer %s: %w", desc.Digest, err)
		return
	}
	a.addHeader(a.entryPath(desc), size)
	if a.err == nil {
		_, a.err = unpackLayer(a.tar, reader)
	}
}

func unpackLayer(w io.Writer, from content.ReaderAt) (int64, error) {
	stream, err := compression.DecompressStream(io.NewSectionReader(from, 0, from.Size()))
	if err != nil {
		return 0, err
	}
	defer stream.Close()
	return io.Copy(w, stream)
}

func (a *archiveWriter) addFile(name string, size int64, data io.Reader) {
	a.addHeader(name, size)
	if a.err == nil {
		_, a.err = io.Copy(a.tar, data)
	}
}

func (a *archiveWriter) addHeader(name string, size int64) {
	if a.err == nil {
		a.err = a.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: size, Typeflag: tar.TypeReg})
	}
}
