package buildkit

import (
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/progress"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/identity"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
)

// Image is a built image of a component.
type Image struct {
	Component   component.Name
	Ref         imageref.Reference // by its tag
	Descriptor  ocispec.Descriptor // root: the manifest, or the index of several platforms
	Size        int64              // bytes of all blobs that it names, each once; 0 where it is Remote
	Steps       int                // instructions of the Dockerfile that produced it
	CachedSteps int                // how many of them were taken from the cache
	Duration    time.Duration      // from asking for the build until the last blob was here
	Warnings    int                // how many of the warnings are about it
	Reused      bool               // the layout had it: nothing was built
	Existing    bool               // Options.Existing has said so: nothing was built, and Descriptor is empty
	// Fingerprint identifies the inputs that the daemon built it from; it has no key where they are not known, and for an image that was
	// Reused without asking a daemon.
	Fingerprint identity.Fingerprint
	Remote      bool // the daemon has pushed it by digest to Ref's repository, and no layout has it
}

// progressResult returns the image's result for the display.
func (i Image) progressResult() *progress.Result {
	return &progress.Result{
		Reused: i.Reused, Existing: i.Existing, Remote: i.Remote, Size: i.Size, Steps: i.Steps, CachedSteps: i.CachedSteps,
	}
}
