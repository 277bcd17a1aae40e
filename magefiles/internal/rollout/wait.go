package rollout

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/argocd"
	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/console"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/runreport"
)

// WaitOptions are the flags of waiting.
type WaitOptions struct {
	NoWait  bool          // -noWait: do not wait for Argo CD
	Timeout time.Duration // -timeout: for how long to wait for it; zero: as configured
}

// Validate refuses a flag that makes no sense.
func (o WaitOptions) Validate() error {
	if o.Timeout < 0 || o.Timeout > 24*time.Hour {
		return problem.New(problem.Usage, "write e.g. -timeout=10m", "reading -timeout: %s is not a time to wait", o.Timeout)
	}
	return nil
}

// Waiter waits until Argo CD runs what the deployment repositories say.
type Waiter struct {
	env      *cli.Env
	options  WaitOptions
	rollback string // the command that restores the previous deployment; empty: not shown
}

// NewWaiter returns the waiter of a run.
func NewWaiter(env *cli.Env, o WaitOptions) Waiter { return Waiter{env: env, options: o} }

// WithRollback has a failure tell how to go back to what was deployed before.
func (w Waiter) WithRollback() Waiter {
	arguments := cli.Arguments(nil).Only(w.env.Flags.Only)
	w.rollback = cli.CommandLine(report.CommandRollback, w.env.Project.Plan.Environment, arguments)
	return w
}

// Check proves before a build or a commit that Argo CD shows the applications to the token: else a wrong token would be reported only after
// the commit. Missing settings are reported where they would be used.
func (w Waiter) Check(ctx context.Context) error {
	if len(w.env.Project.Plan.ArgoCD) == 0 || w.options.NoWait {
		return nil
	}
	all, missing, err := applicationsOf(w.env)
	if err != nil || missing != "" {
		return err
	}
	return forEach(all, func(_ int, a application) error {
		notice, err := a.client.Check(ctx, Target(a.ArgoCD, w.env.Project.Plan.Mirrors, PlannedCommits(w.env)))
		if notice != "" {
			w.env.Console.Note(notice)
		}
		return err
	})
}

// WaitForHead waits until Argo CD runs what the heads of the environment's deployments say of this service, whichever commit of the
// application that is.
func (w Waiter) WaitForHead(ctx context.Context) (runreport.Live, error) {
	p := w.env.Project.Plan
	if len(p.ArgoCD) == 0 {
		return runreport.Live{}, problem.New(problem.Usage, "write e.g. argocd: { application: "+p.Service+" } into it",
			"waiting for Argo CD: environment %q of astrago.yaml names no application", p.Environment)
	}
	all, missing, err := applicationsOf(w.env)
	if err == nil && missing != "" {
		err = problem.New(problem.Usage, "set it; astrago-ci/docs/operations.md says how to create a token",
			"waiting for Argo CD: %s", missing)
	}
	if err != nil {
		return runreport.Live{}, err
	}
	w.resumeByWaiting()
	ctx, stage := w.env.Stage(ctx, "wait")
	live, err := w.waitForHead(ctx, all, stage)
	if err != nil {
		stage.Fail(err)
	}
	return live, err
}

// Wait is the end of a release, a promotion and a rollback: it waits for the commits that were made. It also runs where nothing
// was left to do: the wait of an earlier run may have been killed.
func (w Waiter) Wait(ctx context.Context, deployed runreport.Deployed) (runreport.Live, error) {
	if len(w.env.Project.Plan.ArgoCD) == 0 {
		return runreport.Live{}, nil
	}
	w.resumeByWaiting()
	ctx, stage := w.env.Stage(ctx, "wait")
	made := report.Report{Deployment: runreport.DeploymentsOf(deployed.Results)}
	all, missing, err := applicationsOf(w.env)
	switch {
	case w.options.NoWait:
		stage.Skip("not waiting for Argo CD: -noWait")
		return runreport.Live{}, nil
	case made.Proposed():
		stage.Skip(w.nothingBeforeMerge())
		return runreport.Live{}, nil
	case missing != "":
		stage.Skip("not waiting for Argo CD: " + missing)
		return runreport.Live{}, nil
	}
	for _, place := range made.Proposals() {
		stage.Say("not waiting for " + place + ": its pull request is to be merged; then: " + w.env.Resume.Line)
	}
	var live runreport.Live
	if err == nil {
		live, err = w.waitForCommits(ctx, all, made.Deployment, deployed.Images, stage)
	}
	if err != nil {
		stage.Fail(err)
		w.env.Console.Note("the commit in the deployment repository is made; to go on waiting: " + w.env.Resume.Line)
		if w.rollback != "" {
			w.env.Console.Note("to go back to what was deployed before: " + w.rollback)
		}
	}
	return live, err
}

// resumeByWaiting has the run continued by waiting: its commits are made.
func (w Waiter) resumeByWaiting() {
	w.env.ResumeByWaiting(cli.Arguments(nil).Only(w.env.Flags.Only).Duration("timeout", w.options.Timeout))
}

func (w Waiter) nothingBeforeMerge() string {
	return "Argo CD has nothing to do until the pull request is merged; then: " + w.env.Resume.Line
}

func (w Waiter) waitForHead(ctx context.Context, all []application, stage *console.Stage) (live runreport.Live, err error) {
	now, err := readDeployedHead(ctx, w.env)
	if err != nil {
		return live, err
	}
	var images []imageref.Reference
	for _, c := range now.commits {
		live.Heads = append(live.Heads, report.Deployment{Repository: c.Repository, Branch: c.Branch, Commit: c.SHA})
		images = append(images, c.Images...)
	}
	names := WithoutDigests(images)
	slices.Sort(names)
	stage.Say(strings.Join(slices.Compact(names), ", "))
	live.Syncs, err = w.waitAll(ctx, all, now.commits, stage)
	return live, err
}

func (w Waiter) waitForCommits(
	ctx context.Context, all []application, made []report.Deployment, images []bump.Image, stage *console.Stage,
) (live runreport.Live, err error) {
	if len(made) == 0 { // an earlier run has made them
		return w.waitForHead(ctx, all, stage)
	}
	var commits []argocd.Commit
	if KeepsAll(made) { // no values file has changed: Argo CD may never look at the commit that says so
		now, err := readDeployedHead(ctx, w.env)
		if err != nil {
			return live, err
		}
		commits = now.commits
	} else {
		for _, d := range made {
			c := argocd.Commit{Repository: d.Repository, Branch: d.Branch}
			if !d.Proposed() {
				c.SHA, c.Images = d.Commit, deployedImages(d, images)
			}
			commits = append(commits, c)
		}
	}
	live.Syncs, err = w.waitAll(ctx, all, commits, stage)
	return live, err
}

// deployedImages returns the images that a deployment has after the run: those of the run, under the tags that its values keep.
func deployedImages(d report.Deployment, images []bump.Image) []imageref.Reference {
	refs := make([]imageref.Reference, len(images))
	for i, image := range images {
		refs[i] = image.Ref.WithDigest(image.Digest)
		if n := slices.IndexFunc(d.Kept, func(k report.Kept) bool { return k.Component == image.Component }); n >= 0 {
			refs[i] = image.Ref.Repository.Tagged(d.Kept[n].Tag).WithDigest(d.Kept[n].Digest)
		}
	}
	return refs
}
