package release

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/argocd"
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
		if s.plan.ArgoCD == nil {
			return problem.New(problem.Usage, "write e.g. argocd: { application: "+s.plan.Service+" } into it", "waiting for ArgoCD: environment %q of astrago.yaml names no application", s.plan.Environment)
		}
		client, missing, err := s.argocd()
		if err == nil && missing != "" {
			err = problem.New(problem.Usage, "set it; the README says how to create a token", "waiting for ArgoCD: %s", missing)
		}
		if err != nil {
			return err
		}
		s.begun, s.again = true, s.waitAgain()
		stage := s.console.Stage("wait")
		if err := s.waitForHead(ctx, client, stage); err != nil {
			stage.Fail(err)
			return err
		}
		return nil
	})(ctx, p, o)
}

func (s *session) waitForHead(ctx context.Context, client *argocd.Client, stage *report.Stage) error {
	now, err := s.deployed(ctx)
	if err != nil {
		return err
	}
	for _, c := range now.commits {
		s.report.Deployment = append(s.report.Deployment, report.Deployment{Repository: c.Repository, Branch: c.Branch, Commit: c.SHA})
	}
	stage.Say(strings.Join(now.images, ", "))
	return s.follow(ctx, client, s.argocdTarget(now.commits, now.images), stage, s.superseded(now.images))
}

// await is the end of a release, a promotion and a rollback. It also runs where nothing was left to do: the wait of an
// earlier run may have been killed.
func (s *session) await(ctx context.Context) error {
	if s.plan.ArgoCD == nil {
		return nil
	}
	s.begun, s.again = true, s.waitAgain()
	stage := s.console.Stage("wait")
	client, missing, err := s.argocd()
	open := slices.ContainsFunc(s.report.Deployment, func(d report.Deployment) bool { return d.PullRequest != nil && !d.PullRequest.Merged })
	switch {
	case s.options.NoWait:
		stage.Skip("ArgoCD is not waited for: -noWait")
		return nil
	case open:
		stage.Skip("ArgoCD has nothing to do until the pull request is merged; then: mage wait")
		return nil
	case missing != "":
		stage.Skip("ArgoCD is not waited for: " + missing)
		return nil
	}
	if err == nil {
		err = s.waitForCommits(ctx, client, stage)
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

func (s *session) waitForCommits(ctx context.Context, client *argocd.Client, stage *report.Stage) error {
	if len(s.report.Deployment) == 0 { // an earlier run has made them
		return s.waitForHead(ctx, client, stage)
	}
	var commits []argocd.Commit
	for _, d := range s.report.Deployment {
		commits = append(commits, argocd.Commit{Repository: d.Repository, Branch: d.Branch, SHA: d.Commit})
	}
	images := make([]string, len(s.plan.Images))
	for i, image := range s.plan.Images {
		images[i] = image.Ref()
	}
	return s.follow(ctx, client, s.argocdTarget(commits, images), stage, s.superseded(images))
}

// superseded tells by which commit these images were replaced in the values.
func (s *session) superseded(images []string) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		now, err := s.deployed(ctx)
		if err != nil || slices.Equal(now.images, images) {
			return "", err
		}
		return now.newest, nil
	}
}

// head is what the heads of the environment's deployments hold of this service.
type head struct {
	commits []argocd.Commit // the newest bump of the service, or the head where none is in view
	images  []string        // repository:tag, by the plan's order
	newest  string          // the commit that touched the values last, for people
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
	for _, probe := range probes {
		snapshot, err := client.Read(ctx, probe)
		if err != nil {
			return now, err
		}
		tags, err := snapshot.Tags(probe)
		if err != nil {
			return now, err
		}
		commit := argocd.Commit{Repository: probe.Repository, Branch: probe.Branch, SHA: snapshot.Head}
		if bump, ok := snapshot.Latest(cmp.Or(s.plan.Commit.Repository, s.plan.Service), s.plan.Environment); ok {
			commit.SHA = bump.SHA
		}
		now.commits = append(now.commits, commit)
		for _, image := range s.plan.Images {
			if ref := image.Repository + ":" + tags[image.Component]; !slices.Contains(now.images, ref) {
				now.images = append(now.images, ref)
			}
		}
		if len(snapshot.History) > 0 {
			title, _, _ := strings.Cut(snapshot.History[0].Message, "\n")
			now.newest = fmt.Sprintf("%.8s (%s)", snapshot.History[0].SHA, title)
		}
	}
	return now, nil
}
