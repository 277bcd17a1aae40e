package build

import (
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Image is a built image of a component.
type Image struct {
	Component   string
	Ref         string             // repository:tag
	Descriptor  ocispec.Descriptor // root: the manifest, or the index of several platforms
	Size        int64              // bytes of all blobs that it names, each once
	Steps       int                // instructions of the Dockerfile that produced it
	CachedSteps int                // how many of them were taken from the cache
	Duration    time.Duration      // from asking for the build until the last blob was here
	Warnings    []Warning
}

// Warning is what BuildKit's checks found in a Dockerfile (docs.docker.com/reference/build-checks).
type Warning struct {
	Message string
	URL     string // explanation of the rule; may be empty
	Place   problem.Place
}
