// Package buildkit turns a plan into images: it builds all components on BuildKit daemons, asks each daemon first what it makes of
// the Dockerfile, and collects the images in an OCI layout from which they are pushed, or has the daemons push them.
package buildkit

import (
	"context"
	"io"
	"time"

	"github.com/moby/buildkit/util/bklog"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/ocilayout"
	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/progress"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/identity"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/redact"
	"github.com/xiilab/astrago-ci/magefiles/internal/worktree"
)

// Options says how Run builds.
type Options struct {
	// Connect returns the daemons that build. It is called once, and only when there is something to build; its caller closes
	// the connections after Run.
	Connect func(ctx context.Context) ([]*daemon.Connection, error)
	Layout  string // OCI layout directory that receives the images, e.g. <root>/.astrago/images
	Logs    string // directory of one full log for each component, <component>.log, e.g. <root>/.astrago/logs
	// Push has the daemons push the images by digest, instead of bringing their layers into the layout: all images but those
	// that the layout has already, those that several daemons build, and those that their daemon cannot push.
	Push bool
	// Files serves the build contexts; nil: all files of their directories but what builds write.
	Files *worktree.Tree
	// PrepareKeys are plan.PrepareKeyAnnotation of the images, by component; empty where nothing was prepared, or it is not known.
	PrepareKeys map[component.Name]string
	// Fingerprints identify the images' inputs, by component, as computed without a daemon. The daemons take the same base images; their
	// result for a Dockerfile may still differ, and then takes precedence: see Image.Fingerprint.
	Fingerprints map[component.Name]identity.Fingerprint
	// Existing reports whether there is an image of the same key already, for an image whose fingerprint only a daemon knows,
	// before it is built. Nil: there is none.
	Existing func(ctx context.Context, img plan.Image, f identity.Fingerprint) (bool, error)
	// Fetch returns a manifest or a configuration that a daemon has pushed to a repository, to hold it against what was built. Nil:
	// it is not looked at.
	Fetch func(ctx context.Context, repository imageref.Repository, desc ocispec.Descriptor) ([]byte, error)
	// FrontendTime is the time that a daemon has to read a Dockerfile and to look up its base images; zero is some minutes.
	FrontendTime time.Duration
	// Credentials returns the account for a registry, by its name in image references; empty is anonymous.
	Credentials func(ctx context.Context, host string) (user, secret string, err error)
	LookupEnv   func(name string) (value string, ok bool) // for build secrets that come from the environment
	// CacheNamespace names whose cache mounts (RUN --mount=type=cache) the steps see, without a slash; empty is BuildKit's own.
	CacheNamespace string
	Redact         *redact.Redactor // learns the secrets of the builds, and masks what it knows in all that is shown; nil knows those only
	Display        progress.Display
	// components that are built at once; 0: as many as the daemons say that they have CPUs, or else this machine has, at least
	// 4 for each of them
	Parallel int
	Rebuild  bool // build what the layout has, too; BuildKit still takes steps from its cache
	NoCache  bool // run every step again
	Lint     bool // fail where BuildKit's checks of the Dockerfiles find something, before any image has its name
	// Warn receives each warning once, after the display has ended. What Lint makes an error is no warning.
	Warn func(progress.Warning)
}

// Run builds the images of a plan and returns them in the plan's order, when all of them are in the layout under their names or in the
// registry. An image whose inputs the layout has gets its new name and is not built. The first failure, or the end of ctx, cancels the
// others, and then no name in the layout changes. An error in the Dockerfile is a problem.Problem with the instruction's place; a failed
// step is a StepError in it.
func Run(ctx context.Context, p plan.Plan, o Options) ([]Image, error) {
	// The client libraries log to standard error by default; only the display writes there.
	bklog.L.Logger.SetOutput(io.Discard)
	if len(p.Images) == 0 {
		return nil, nil
	}
	layout, err := ocilayout.Open(o.Layout)
	if err != nil {
		return nil, err
	}
	images, err := runBuilds(ctx, p, o, layout)
	if err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, err
	}
	return images, layout.Prune(ctx)
}

func runBuilds(ctx context.Context, p plan.Plan, o Options, layout *ocilayout.Layout) ([]Image, error) {
	release, err := layout.Hold(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	jobs, err := findReusable(ctx, p, o, layout)
	if err != nil {
		return nil, err
	}
	if err := prepareJobs(jobs, p.Commit.Root, o.LookupEnv); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	b, err := newBuilder(ctx, p, o, layout, jobs)
	if err != nil {
		return nil, err
	}
	defer b.Close()

	if err := b.buildComponents(ctx, jobs); err != nil {
		return nil, err
	}
	var images []Image
	var entries []ocilayout.Entry
	for _, j := range jobs {
		images = append(images, j.built)
		if j.built.Existing {
			continue
		}
		entries = append(entries, j.layoutEntry(p.Commit, o))
	}
	return images, layout.Put(ctx, entries...)
}
