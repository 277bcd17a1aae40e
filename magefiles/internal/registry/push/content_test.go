package push

import (
	"bytes"
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/errdefs"
	digest "github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// documents are manifests by their digests, as a registry has them that says nothing of blobs.
type documents map[digest.Digest][]byte

func (d documents) ReaderAt(_ context.Context, desc ocispec.Descriptor) (content.ReaderAt, error) {
	data, ok := d[desc.Digest]
	if !ok {
		return nil, errdefs.ErrNotFound
	}
	return document{bytes.NewReader(data)}, nil
}

type document struct{ *bytes.Reader }

func (document) Close() error { return nil }

func (d documents) add(t *testing.T, mediaType string, value any) ocispec.Descriptor {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	desc := ocispec.Descriptor{MediaType: mediaType, Digest: digest.FromBytes(data), Size: int64(len(data))}
	d[desc.Digest] = data
	return desc
}

// layers returns as many layers as are asked for, with names of their own.
func layers(prefix string, count int) []ocispec.Descriptor {
	list := make([]ocispec.Descriptor, count)
	for i := range list {
		list[i] = ocispec.Descriptor{MediaType: ocispec.MediaTypeImageLayer, Digest: digest.FromString(prefix + strconv.Itoa(i)), Size: 1}
	}
	return list
}

// TestContentsAreBounded walks images of many layers, of many platforms, and of indexes in indexes.
func TestContentsAreBounded(t *testing.T) {
	store := documents{}
	config := ocispec.Descriptor{MediaType: ocispec.MediaTypeImageConfig, Digest: digest.FromString("config"), Size: 1}
	image := func(prefix string, count int) ocispec.Descriptor {
		return store.add(t, ocispec.MediaTypeImageManifest, ocispec.Manifest{
			Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest, Config: config, Layers: layers(prefix, count),
		})
	}
	index := func(children ...ocispec.Descriptor) ocispec.Descriptor {
		return store.add(t, ocispec.MediaTypeImageIndex, ocispec.Index{
			Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex, Manifests: children,
		})
	}
	var platforms []ocispec.Descriptor
	for i := range 10 {
		platforms = append(platforms, image(strconv.Itoa(i)+"-", 127))
	}
	nested := image("nested-", 1)
	for range maxContents {
		nested = index(nested)
	}
	for name, test := range map[string]struct {
		root    ocispec.Descriptor
		refused bool
	}{
		"ten platforms":      {root: index(platforms...)},
		"many layers":        {root: image("many-", maxContents), refused: true},
		"indexes in indexes": {root: nested, refused: true},
	} {
		t.Run(name, func(t *testing.T) {
			w := contentWalk{provider: store, known: map[digest.Digest]*contentItem{}}
			_, err := w.visitDescriptor(t.Context(), test.root)
			if refused := err != nil && strings.Contains(err.Error(), "it has more than"); refused != test.refused || !refused && err != nil {
				t.Errorf("refused: %t, want %t: %v", refused, test.refused, err)
			}
		})
	}
}
