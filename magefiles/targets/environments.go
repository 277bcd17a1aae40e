package targets

import (
	"context"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/command/hold"
	"github.com/xiilab/astrago-ci/magefiles/internal/command/promote"
	"github.com/xiilab/astrago-ci/magefiles/internal/command/rollback"
)

// Promote deploys to one environment the images that another one has, without building anything, then waits for Argo CD.
func Promote(ctx context.Context,
	env *string, // target environment (default: the one of the current branch or tag)
	from *string, // environment to take the images from (default: `from` in astrago.yaml)
	only *string, // components to promote, separated by commas (default: all)
	reason *string, // why, for the commit and for later refusals
	dryRun *bool, // check everything and show what would change, change nothing
	approved *string, // do what the dry run with this fingerprint has shown, or nothing
	force *bool, // deploy although a newer build is deployed, a hold applies, or another service owns the value; the commit records it
	noWait *bool, // do not wait for Argo CD
	timeout *time.Duration, // how long to wait for Argo CD (default: argocd.timeout in astrago.yaml, or 5m)
	json *bool, // print the report as JSON on standard output
	v *bool, // log stages, decisions and requests; as `mage -v` does
	vv *bool, // also log retries, git commands, request headers and build steps
) error {
	options := promote.Options{
		Flags: flags(env, only, json, v, vv), WaitOptions: waiting(noWait, timeout), From: value(from), Reason: value(reason),
	}
	options.Force, options.DryRun, options.Approved = value(force), value(dryRun), value(approved)
	return run(ctx, promote.Run, options)
}

// Rollback deploys what an environment had before, holds the build that it replaces, and waits for Argo CD.
func Rollback(ctx context.Context,
	env *string, // environment to take back (default: the one of the current branch or tag)
	to *string, // a tag that was deployed, the commit that it was built from, or a commit of the deployment repository
	steps *int, // how many states to go back (default: 1)
	only *string, // components to take back, separated by commas (default: all)
	reason *string, // why, for the commit and for later refusals
	dryRun *bool, // check everything and show what would change, change nothing
	approved *string, // do what the dry run with this fingerprint has shown, or nothing
	force *bool, // roll back although a chart fails, an image is unverified, or another environment holds the value; the commit records it
	noWait *bool, // do not wait for Argo CD
	timeout *time.Duration, // how long to wait for Argo CD (default: argocd.timeout in astrago.yaml, or 5m)
	json *bool, // print the report as JSON on standard output
	v *bool, // log stages, decisions and requests; as `mage -v` does
	vv *bool, // also log retries, git commands, request headers and build steps
) error {
	options := rollback.Options{Flags: flags(env, only, json, v, vv), WaitOptions: waiting(noWait, timeout)}
	options.To, options.Steps, options.Reason = value(to), value(steps), value(reason)
	options.Force, options.DryRun, options.Approved = value(force), value(dryRun), value(approved)
	return run(ctx, rollback.Run, options)
}

// Hold shows what is held in an environment; with -reason it holds this service's components there, with -lift it ends that.
func Hold(ctx context.Context,
	env *string, // environment (default: the one of the current branch or tag)
	reason *string, // hold the components, for this reason
	lift *bool, // end the hold
	dryRun *bool, // show what would be held or lifted, change nothing
	approved *string, // lift what the dry run with this fingerprint has shown, or nothing
	only *string, // components, separated by commas (default: all)
	json *bool, // print the report as JSON on standard output
	v *bool, // log stages, decisions and requests; as `mage -v` does
	vv *bool, // also log retries, git commands, request headers and build steps
) error {
	options := hold.Options{Flags: flags(env, only, json, v, vv), Reason: value(reason), Lift: value(lift), DryRun: value(dryRun)}
	options.Approved = value(approved)
	return run(ctx, hold.Run, options)
}
