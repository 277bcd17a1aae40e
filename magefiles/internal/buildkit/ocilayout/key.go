package ocilayout

import (
	"context"
	"slices"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// annotationSources is Entry.Sources, separated by blanks.
const annotationSources = "com.github.xiilab.astrago-ci.sources"

// Sources is Entry.Sources of a descriptor that Layout.Find gave.
func Sources(desc ocispec.Descriptor) (sources []imageref.Repository) {
	for text := range strings.FieldsSeq(desc.Annotations[annotationSources]) {
		if source, err := imageref.ParseRepository(text); err == nil { // without one, its layers are sent
			sources = append(sources, source)
		}
	}
	return sources
}

func sourcesText(sources []imageref.Repository) string {
	texts := make([]string, len(sources))
	for i, source := range sources {
		texts[i] = source.String()
	}
	return strings.Join(texts, " ")
}

// annotationRemote is Entry.Remote.
const annotationRemote = "com.github.xiilab.astrago-ci.remote"

// FindByKey returns the image of a key that was built last, under whatever name, if all of its blobs are here: after a rebuild there
// are several. Put adds at the end.
func (l *Layout) FindByKey(ctx context.Context, key string) (desc ocispec.Descriptor, ok bool, err error) {
	for _, d := range slices.Backward(l.index.Manifests) {
		if key == "" || d.Annotations[plan.KeyAnnotation] != key {
			continue
		}
		damaged, err := l.Repair(ctx, d, false)
		if err != nil {
			return ocispec.Descriptor{}, false, err
		}
		if len(damaged) == 0 {
			d.Annotations = nil
			return d, true, nil
		}
	}
	return ocispec.Descriptor{}, false, nil
}
