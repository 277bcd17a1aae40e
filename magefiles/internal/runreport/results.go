package runreport

import (
	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit"
	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/progress"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// Built is what a build has made, as far as it got.
type Built struct {
	Images   []buildkit.Image
	Warnings []progress.Warning
}

// Published is what was brought into the registry, as far as that got.
type Published struct {
	Built  Built
	Pushed []push.Pushed // from here
	Tagged []push.Pushed // the registry had them
	Sizes  []Size
}

// Size is how large an image is, and the one that the values named before; zero is not known.
type Size struct {
	Ref            imageref.Reference
	Size, Previous int64
}

// Loaded are the images that something on this machine can run.
type Loaded struct {
	Target string
	Refs   []imageref.Reference
}

// Live is how the environment's applications run.
type Live struct {
	Heads []report.Deployment // what was waited for, where the run has made no commit
	Syncs []report.Sync
}
