package runreport

import (
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit"
	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/progress"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/notes"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// Built is the result of a build, as far as it got.
type Built struct {
	Images   []buildkit.Image
	Warnings []progress.Warning
}

// Published holds the images brought into the registry, as far as that got.
type Published struct {
	Built  Built
	Pushed []push.Pushed // from here
	Tagged []push.Pushed // the registry had them
	Sizes  []Size
}

// Size holds the sizes of an image and of the one that the values named before; zero is unknown.
type Size struct {
	Ref            imageref.Reference
	Size, Previous int64
}

// Loaded are the images that something on this machine can run.
type Loaded struct {
	Target string
	Refs   []imageref.Reference
}

// Deployed holds the commits in deployment repositories, as far as that got.
type Deployed struct {
	Found    []ocispec.Descriptor // what the registry has of the plan's images; nil where that is reported otherwise
	Images   []bump.Image         // what the commits name
	Results  []*bump.Result
	Notes    *notes.Notes // what the images bring; nil: nothing to tell
	UpToDate bool         // there was nothing to do
}

// DryRun holds the planned actions of a run.
type DryRun struct {
	Found       []ocispec.Descriptor // what the registry has of the plan's images; nil where that is reported otherwise
	Actions     []plan.Action        // about the plan's images; nil where nothing is done about them
	Drafts      []*edit.Draft        // of the commits
	Notes       *notes.Notes         // what the images bring; nil: nothing to tell
	Fingerprint string               // by which the run can be approved; "" where it cannot
}

// Live is the state of the environment's applications.
type Live struct {
	Heads []report.Deployment // what was waited for, where the run has made no commit
	Syncs []report.Sync
}
