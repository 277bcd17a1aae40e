package build

import (
	"context"
	"fmt"

	"github.com/containerd/errdefs"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// annotationInputs is Entry.Inputs.
const annotationInputs = "com.github.xiilab.astrago-ci.inputs"

// annotationChanged is Entry.Changed.
const annotationChanged = "com.github.xiilab.astrago-ci.changed"

// annotationRemote is Entry.Remote.
const annotationRemote = "com.github.xiilab.astrago-ci.remote"

// built gives the image that was built from inputs, under whatever name, if all of its blobs are here.
func (l *Layout) built(ctx context.Context, inputs string) (desc ocispec.Descriptor, ok bool, err error) {
	for _, d := range l.index.Manifests {
		if inputs == "" || d.Annotations[annotationInputs] != inputs {
			continue
		}
		complete, err := l.complete(ctx, d)
		if err != nil {
			return ocispec.Descriptor{}, false, err
		}
		if complete {
			d.Annotations = nil
			return d, true, nil
		}
	}
	return ocispec.Descriptor{}, false, nil
}

// complete reports whether every blob of an image is in the store.
func (l *Layout) complete(ctx context.Context, d ocispec.Descriptor) (bool, error) {
	blobs, err := l.named(ctx, d)
	if err != nil {
		return false, err
	}
	for blob := range blobs {
		if _, err := l.store.Info(ctx, blob); errdefs.IsNotFound(err) {
			return false, nil
		} else if err != nil {
			return false, fmt.Errorf("looking for a blob of %s: %w", d.Digest, err)
		}
	}
	return true, nil
}
