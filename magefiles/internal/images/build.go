package images

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit"
	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/progress"
	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/console"
	"github.com/xiilab/astrago-ci/magefiles/internal/inputs"
	"github.com/xiilab/astrago-ci/magefiles/internal/output"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/runreport"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// BuildOptions are the flags of builds.
type BuildOptions struct {
	Parallel int  // -parallel: components built at once; 0: as buildkit.Options.Parallel has it
	Rebuild  bool // -rebuild: build also what has been built from the same inputs
	Lint     bool // -lint: what BuildKit's checks find fails the build
	// Push has what is built go straight from the daemon to the registry, as images that are wanted nowhere else on this machine do.
	// The configuration may say otherwise.
	Push bool
}

// Builder builds images: into the content store under .astrago/images, or by digest into the registry.
type Builder struct {
	env     *cli.Env
	plan    *plan.Plan
	options BuildOptions
}

// NewBuilder returns the builder of a run.
func NewBuilder(env *cli.Env, o BuildOptions) *Builder {
	return &Builder{env: env, plan: env.Project.Plan, options: o}
}

// Build builds images, and returns what was made as far as it got. index finds those that are published already, of which only a
// daemon can tell; nil builds all, as they are wanted here.
func (b *Builder) Build(ctx context.Context, images []plan.Image, index *inputs.KeyIndex) (runreport.Built, error) {
	ctx, stage := b.env.Stage(ctx, "build")
	built, err := b.solve(ctx, images, index, stage)
	b.env.Console.Warnings(runreport.WarningsOf(built.Warnings))
	if err != nil {
		stage.Fail(err)
		return runreport.Built{Warnings: built.Warnings}, err
	}
	note := report.Plural(len(built.Images), "image")
	if n := len(built.Warnings); n > 0 {
		note += ", " + report.Plural(n, "warning")
	}
	stage.Done(note)
	return built, nil
}

// solve connects for as long as it builds; astrago-ci's own daemon stops by itself when it is idle.
func (b *Builder) solve(
	ctx context.Context, images []plan.Image, index *inputs.KeyIndex, stage *console.Stage,
) (built runreport.Built, err error) {
	var connections []*daemon.Connection
	defer func() { err = cmp.Or(err, daemon.CloseAll(connections)) }()
	narrowed := *b.plan
	narrowed.Images = images
	options := b.buildOptions()
	if options.Display, err = b.env.Display(stage); err != nil {
		return built, err
	}
	if options.Files, err = b.env.Clients.Files().Open(ctx); err != nil {
		return built, err
	}
	if options.Fingerprints, options.PrepareKeys, err = b.env.Clients.Keys().OfBuild(ctx, images); err != nil {
		return built, err
	}
	if index != nil {
		options.Existing = index.Existing()
	}
	options.Warn = func(w progress.Warning) { built.Warnings = append(built.Warnings, w) }
	options.Connect = func(ctx context.Context) (_ []*daemon.Connection, err error) {
		connections, err = b.env.Clients.Connect(ctx, stage)
		return connections, err
	}
	built.Images, err = buildkit.Run(ctx, narrowed, options)
	return built, err
}

// buildOptions are those that every build of the run has.
func (b *Builder) buildOptions() buildkit.Options {
	return buildkit.Options{
		Layout:         layoutDir(b.env),
		Logs:           b.env.Project.OutputPath(output.Logs),
		Push:           b.daemonPushes(),
		Fetch:          b.env.Clients.Registry().Content,
		Credentials:    b.env.Clients.Keychain().Credentials,
		LookupEnv:      b.env.Vars.Lookup,
		Redact:         b.env.Redact,
		CacheNamespace: cacheNamespace(b.plan, b.env.Vars.Get(vars.BaseRef) != ""),
		Parallel:       b.options.Parallel,
		Rebuild:        b.options.Rebuild,
		Lint:           b.options.Lint,
	}
}

// daemonPushes reports whether what is built goes straight from the daemon to the registry.
func (b *Builder) daemonPushes() bool {
	if b.plan.Output == config.OutputAuto || b.plan.Output == "" {
		return b.options.Push
	}
	return b.plan.Output == config.OutputRegistry
}

// cacheNamespace names whose cache mounts a build sees: those of its repository, and of what is proposed to it apart from
// those of what is released.
func cacheNamespace(p *plan.Plan, proposed bool) string {
	owner := cmp.Or(p.Commit.Repository, p.Service)
	if proposed {
		owner += " pull_request"
	}
	sum := sha256.Sum256([]byte(owner))
	return hex.EncodeToString(sum[:8])
}

// layoutDir is the OCI layout that keeps what was built here.
func layoutDir(env *cli.Env) string { return env.Project.OutputPath(output.Images) }
