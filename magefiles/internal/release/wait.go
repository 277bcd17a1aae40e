package release

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/xiilab/astrago-ci/magefiles/internal/argocd"
	"github.com/xiilab/astrago-ci/magefiles/internal/deployment"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// Wait waits until ArgoCD runs what the head of the environment's deployment says of this service, whichever commit of the
// application that is.
func Wait(ctx context.Context, p Process, o Options) error {
	return command(report.CommandWait, func(ctx context.Context, s *session) error {
		if err := s.checkTimeout(); err != nil {
			return err
		}
		if len(s.plan.ArgoCD) == 0 {
			return problem.New(problem.Usage, "write e.g. argocd: { application: "+s.plan.Service+" } into it", "waiting for ArgoCD: environment %q of astrago.yaml names no application", s.plan.Environment)
		}
		all, missing, err := s.applications()
		if err == nil && missing != "" {
			err = problem.New(problem.Usage, "set it; ci/docs/operations.md says how to create a token", "waiting for ArgoCD: %s", missing)
		}
		if err != nil {
			return err
		}
		s.begun, s.again = true, s.waitAgain()
		ctx, stage := s.stage(ctx, "wait")
		if err := s.waitForHead(ctx, all, stage); err != nil {
			stage.Fail(err)
			return err
		}
		return nil
	})(ctx, p, o)
}

func (s *session) waitForHead(ctx context.Context, all []application, stage *report.Stage) error {
	now, err := s.deployed(ctx)
	if err != nil {
		return err
	}
	var images []string
	for _, c := range now.commits {
		s.report.Deployment = append(s.report.Deployment, report.Deployment{Repository: c.Repository, Branch: c.Branch, Commit: c.SHA})
		images = append(images, c.Images...)
	}
	images = unpinned(images)
	slices.Sort(images)
	stage.Say(strings.Join(slices.Compact(images), ", "))
	return s.follow(ctx, all, now.commits, stage)
}

// await is the end of a release, a promotion and a rollback. It also runs where nothing was left to do: the wait of an
// earlier run may have been killed.
func (s *session) await(ctx context.Context) error {
	if len(s.plan.ArgoCD) == 0 {
		return nil
	}
	s.begun, s.again = true, s.waitAgain()
	ctx, stage := s.stage(ctx, "wait")
	all, missing, err := s.applications()
	switch {
	case s.options.NoWait:
		stage.Skip("ArgoCD is not waited for: -noWait")
		return nil
	case s.report.Proposed():
		stage.Skip("ArgoCD has nothing to do until the pull request is merged; then: " + s.again)
		return nil
	case missing != "":
		stage.Skip("ArgoCD is not waited for: " + missing)
		return nil
	}
	for _, place := range s.report.Proposals() {
		stage.Say("not waiting for " + place + ": its pull request is to be merged; then: " + s.again)
	}
	if err == nil {
		err = s.waitForCommits(ctx, all, stage)
	}
	if err != nil {
		stage.Fail(err)
		s.console.Note("the commit in the deployment repository is made; to go on waiting: " + s.again)
		if s.report.Command != report.CommandRollback {
			s.console.Note("to go back to what was deployed before: " + commandLine(report.CommandRollback, Options{Environment: s.plan.Environment, Only: s.options.Only}))
		}
	}
	return err
}

func (s *session) waitForCommits(ctx context.Context, all []application, stage *report.Stage) error {
	if len(s.report.Deployment) == 0 { // an earlier run has made them
		return s.waitForHead(ctx, all, stage)
	}
	if s.keepsAll() { // no values file has changed: ArgoCD may never look at the commit that says so
		now, err := s.deployed(ctx)
		if err != nil {
			return err
		}
		return s.follow(ctx, all, now.commits, stage)
	}
	var commits []argocd.Commit
	for _, d := range s.report.Deployment {
		c := argocd.Commit{Repository: d.Repository, Branch: d.Branch}
		if !d.Proposed() {
			c.SHA, c.Images = d.Commit, s.runs(d)
		}
		commits = append(commits, c)
	}
	return s.follow(ctx, all, commits, stage)
}

// superseded tells by which commit the images of commits were replaced in the values.
func (s *session) superseded(commits []argocd.Commit) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		now, err := s.deployed(ctx)
		if err != nil {
			return "", err
		}
		for i, at := range now.commits {
			same := func(c argocd.Commit) bool {
				return c.Repository == at.Repository && c.Branch == at.Branch && c.SHA != ""
			}
			if n := slices.IndexFunc(commits, same); n >= 0 && !slices.Equal(unpinned(at.Images), unpinned(commits[n].Images)) {
				return now.newest[i], nil
			}
		}
		return "", nil
	}
}

// head is what the heads of the environment's deployments hold of this service.
type head struct {
	commits []argocd.Commit // the newest bump of the service, or the head where none is in view
	newest  []string        // for each, the commit that touched the values last, for people
}

func (s *session) deployed(ctx context.Context) (head, error) {
	var now head
	environment, err := s.config.Environment(s.plan.Environment, "")
	if err != nil {
		return now, err
	}
	probes, err := plan.Probe(s.config, environment, s.options.Only)
	if err != nil {
		return now, err
	}
	client, err := s.deployment()
	if err != nil {
		return now, err
	}
	now.commits, now.newest = make([]argocd.Commit, len(probes)), make([]string, len(probes))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(lookups)
	for i, probe := range probes {
		group.Go(func() error {
			snapshot, err := client.Read(ctx, probe)
			if err != nil {
				return err
			}
			now.commits[i], now.newest[i], err = s.deployedAt(snapshot, probe)
			return err
		})
	}
	return now, group.Wait()
}

// deployedAt is what one head holds of this service.
func (s *session) deployedAt(snapshot *deployment.Snapshot, probe plan.Deployment) (commit argocd.Commit, newest string, err error) {
	tags, err := snapshot.Tags(probe)
	if err != nil {
		return commit, "", err
	}
	commit = argocd.Commit{Repository: probe.Repository, Branch: probe.Branch, SHA: snapshot.Head}
	bump, recorded := snapshot.Latest(cmp.Or(s.plan.Commit.Repository, s.plan.Service), s.plan.Environment)
	if recorded {
		commit.SHA = bump.SHA
	}
	for _, image := range s.plan.Images {
		digest := ""
		if recorded && !snapshot.ChangedSince(bump) {
			_, digest = bump.Trailers().Image(image.Component)
		}
		commit.Images = append(commit.Images, pinned(image.Repository+":"+tags[image.Component], digest))
	}
	if len(snapshot.History) > 0 {
		title, _, _ := strings.Cut(snapshot.History[0].Message, "\n")
		newest = fmt.Sprintf("%.8s (%s)", snapshot.History[0].SHA, title)
	}
	return commit, newest, nil
}

// digestOf is the digest of an image that this run found or put under a reference, as far as it is known.
func (s *session) digestOf(ref string) string {
	i := slices.IndexFunc(s.report.Images, func(image report.Image) bool { return image.Ref == ref })
	if i < 0 {
		return ""
	}
	return s.report.Images[i].Digest
}
