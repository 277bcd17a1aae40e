// Package targets holds the mage targets that application repositories share. Each reads its flags, runs its command and
// returns its error; mage turns the error's exit status into the process's.
//
// Every exported function here is a target (mage:import), so helpers stay unexported.
package targets

import (
	"context"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/command/build"
	"github.com/xiilab/astrago-ci/magefiles/internal/command/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/command/doctor"
	"github.com/xiilab/astrago-ci/magefiles/internal/command/initialize"
	"github.com/xiilab/astrago-ci/magefiles/internal/command/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/command/prune"
	"github.com/xiilab/astrago-ci/magefiles/internal/command/push"
	"github.com/xiilab/astrago-ci/magefiles/internal/command/release"
	"github.com/xiilab/astrago-ci/magefiles/internal/command/update"
	"github.com/xiilab/astrago-ci/magefiles/internal/command/wait"
)

// Build builds the images of this commit through BuildKit, into .astrago/images.
func Build(ctx context.Context,
	env *string, // environment to name the images for (default: the one of the current branch or tag)
	only *string, // components to build, separated by commas (default: all)
	lint *bool, // fail where BuildKit's checks of the Dockerfiles find something
	progress *string, // how the build is shown: auto, tty, plain, github, rawjson (default: auto)
	changedSince *string, // only components whose inputs differ from those at this commit, branch or tag
	rebuild *bool, // also build images whose inputs match a published one
	parallel *int, // components built at once (default: the CPUs of the BuildKit daemon, else of this machine; at least 4)
	json *bool, // print the report as JSON on standard output
	v *bool, // log stages, decisions and requests; as `mage -v` does
	vv *bool, // also log retries, git commands, request headers and build steps
) error {
	options := build.Options{Flags: flags(env, only, json, v, vv), ChangedSince: value(changedSince), Rebuild: value(rebuild)}
	options.Progress, options.Parallel, options.Lint = value(progress), value(parallel), value(lint)
	return run(ctx, build.Run, options)
}

// Push uploads the images that build made for this commit, then sets their tags.
func Push(ctx context.Context,
	env *string, // environment whose images are pushed (default: the one of the current branch or tag)
	only *string, // components to push, separated by commas (default: all)
	build *bool, // build what the registry lacks first, as release does, without a token that deploys: the first of two jobs
	rebuild *bool, // with -build: also build images whose inputs match a published one
	changedSince *string, // only components whose inputs differ from those at this commit, branch or tag
	json *bool, // print the report as JSON on standard output
	v *bool, // log stages, decisions and requests; as `mage -v` does
	vv *bool, // also log retries, git commands, request headers and build steps
) error {
	options := push.Options{Flags: flags(env, only, json, v, vv), ChangedSince: value(changedSince)}
	options.Build, options.Rebuild = value(build), value(rebuild)
	return run(ctx, push.Run, options)
}

// Bump sets this commit's tags in the deployment repository, as one commit.
func Bump(ctx context.Context,
	env *string, // target environment (default: the one of the current branch or tag)
	only *string, // components to bump, separated by commas (default: all)
	dryRun *bool, // show what would change, commit nothing
	force *bool, // deploy although a newer build is deployed, a hold applies, or another service owns the value; the commit records it
	images *string, // repository:tag@digest, with white space between: deploy these or nothing
	changedSince *string, // only components whose inputs differ from those at this commit, branch or tag
	json *bool, // print the report as JSON on standard output
	v *bool, // log stages, decisions and requests; as `mage -v` does
	vv *bool, // also log retries, git commands, request headers and build steps
) error {
	options := bump.Options{Flags: flags(env, only, json, v, vv), ChangedSince: value(changedSince), Images: words(images)}
	options.Force, options.DryRun = value(force), value(dryRun)
	return run(ctx, bump.Run, options)
}

// Release builds, pushes and bumps, then waits for Argo CD: from this commit to what runs.
func Release(ctx context.Context,
	env *string, // target environment (default: the one of the current branch or tag)
	only *string, // components to release, separated by commas (default: all)
	dryRun *bool, // check everything and show what would be done, change nothing
	force *bool, // deploy although a newer build is deployed, a hold applies, or another service owns the value; the commit records it
	lint *bool, // fail where BuildKit's checks of the Dockerfiles find something
	progress *string, // how the build is shown: auto, tty, plain, github, rawjson (default: auto)
	changedSince *string, // only components whose inputs differ from those at this commit, branch or tag
	rebuild *bool, // also build images whose inputs match a published one
	images *string, // repository:tag@digest, with white space between, that another job has pushed: build nothing, deploy these or nothing
	parallel *int, // components built at once (default: the CPUs of the BuildKit daemon, else of this machine; at least 4)
	noWait *bool, // do not wait for Argo CD
	timeout *time.Duration, // how long to wait for Argo CD (default: argocd.timeout in astrago.yaml, or 5m)
	json *bool, // print the report as JSON on standard output
	v *bool, // log stages, decisions and requests; as `mage -v` does
	vv *bool, // also log retries, git commands, request headers and build steps
) error {
	options := release.Options{Flags: flags(env, only, json, v, vv), WaitOptions: waiting(noWait, timeout), Images: words(images)}
	options.Progress, options.Parallel, options.Lint = value(progress), value(parallel), value(lint)
	options.ChangedSince, options.Rebuild = value(changedSince), value(rebuild)
	options.Force, options.DryRun = value(force), value(dryRun)
	return run(ctx, release.Run, options)
}

// Wait waits until Argo CD runs what the deployment repository says of this service.
func Wait(ctx context.Context,
	env *string, // environment to wait for (default: the one of the current branch or tag)
	only *string, // components that are to be live, separated by commas (default: all)
	timeout *time.Duration, // how long to wait (default: argocd.timeout in astrago.yaml, or 5m)
	json *bool, // print the report as JSON on standard output
	v *bool, // log stages, decisions and requests; as `mage -v` does
	vv *bool, // also log retries, git commands, request headers and build steps
) error {
	return run(ctx, wait.Run, wait.Options{Flags: flags(env, only, json, v, vv), WaitOptions: waiting(nil, timeout)})
}

// Plan prints what release would do, and why: images, tags and the values it would set. It changes nothing.
func Plan(ctx context.Context,
	env *string, // environment to plan for (default: the one of the current branch or tag)
	only *string, // components, separated by commas (default: all)
	changedSince *string, // only components whose inputs differ from those at this commit, branch or tag
	rebuild *bool, // also build images whose inputs match a published one
	explain *bool, // show for each image to be built what has changed since the last published one
	json *bool, // print the plan as JSON
	v *bool, // log stages, decisions and requests; as `mage -v` does
	vv *bool, // also log retries, git commands, request headers and build steps
) error {
	options := plan.Options{Flags: flags(env, only, json, v, vv), ChangedSince: value(changedSince)}
	options.Rebuild, options.Explain = value(rebuild), value(explain)
	return run(ctx, plan.Run, options)
}

// Prune removes what BuildKit keeps for later builds, and all but the last build in .astrago/; it shows what was freed.
func Prune(ctx context.Context,
	all *bool, // also the last build, and what BuildKit would fetch again for every build
	json *bool, // print what was freed as JSON
	v *bool, // log stages, decisions and requests; as `mage -v` does
	vv *bool, // also log retries, git commands, request headers and build steps
) error {
	return run(ctx, prune.Run, prune.Options{Verbosity: verbosity(v, vv), All: value(all), JSON: value(json)})
}

// Init writes what a repository needs to use these targets: configuration, workspace, magefile, workflow, ignored files.
func Init(ctx context.Context,
	kind *string, // what the application is: backend, frontend, generic (default: detected)
	dryRun *bool, // print the differences as a unified diff, write nothing
	force *bool, // also replace files that are there and differ
	v *bool, // log stages, decisions and requests; as `mage -v` does
	vv *bool, // also log retries, git commands, request headers and build steps
) error {
	options := initialize.Options{Verbosity: verbosity(v, vv), Kind: value(kind), DryRun: value(dryRun), Force: value(force)}
	return run(ctx, initialize.Run, options)
}

// Update moves the submodule ci/ to another version of astrago-ci, shows what lies between, and stages it.
func Update(ctx context.Context,
	to *string, // version, branch or commit to move to (default: the newest version)
	v *bool, // log stages, decisions and requests; as `mage -v` does
	vv *bool, // also log retries, git commands, request headers and build steps
) error {
	return run(ctx, update.Run, update.Options{Verbosity: verbosity(v, vv), To: value(to)})
}

// Doctor checks everything that a release from here would meet, and says what to do where it fails. It changes nothing.
func Doctor(ctx context.Context,
	env *string, // environment to check (default: the one of the current branch or tag)
	json *bool, // print the findings as JSON
	v *bool, // log stages, decisions and requests; as `mage -v` does
	vv *bool, // also log retries, git commands, request headers and build steps
) error {
	return run(ctx, doctor.Run, doctor.Options{Flags: flags(env, nil, json, v, vv)})
}

// Vars prints the environment variables that the targets read, with their meaning and (masked) value.
func Vars() error { return cli.PrintVars(process()) }

// Version prints the version of astrago-ci.
func Version() error { return cli.PrintVersion(process()) }
