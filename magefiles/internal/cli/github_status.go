package cli

import (
	"cmp"
	"context"
	"fmt"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// GitHubStatus is a run's status that GitHub shows beside a commit: a deployment and a commit status.
type GitHubStatus struct {
	env      *Env
	sha      commitid.ID      // the commit that it is shown beside, where that is not the plan's
	recorder *github.Recorder // nil where GitHub shows nothing of this run
	started  chan error       // gives one value, when id is set
	id       int64
}

// isShown reports whether GitHub shows the run: those of workflows that deploy a commit which is known.
func (s *GitHubStatus) isShown() bool {
	env, p := s.env, s.env.Project.Plan
	return p != nil && env.Command.ReportsToGitHub && !env.Command.ReadOnly && env.InWorkflow() &&
		env.Vars.Get(vars.GitHubToken) != "" && env.RunURL() != "" && p.Commit.Repository != "" && s.commit() != ""
}

// commit is the commit beside which the run is shown.
func (s *GitHubStatus) commit() commitid.ID { return cmp.Or(s.sha, s.env.Project.Plan.Commit.SHA) }

// StartFor shows the run beside the commit that the first of the images was built from, which is not the one that is checked out.
func (s *GitHubStatus) StartFor(ctx context.Context, images []bump.Image) {
	s.sha = ""
	for _, image := range images {
		s.sha = cmp.Or(s.sha, image.SHA)
	}
	s.start(ctx)
}

// start lets GitHub show that the run is under way. It costs the run no time, and errors are reported at its end.
func (s *GitHubStatus) start(ctx context.Context) {
	if !s.isShown() {
		return
	}
	options := s.env.Clients.GitHub(vars.GitHubToken)
	options.Notice, options.Deadline = nil, notifyTimeout
	recorder, err := github.NewRecorder(options)
	if err != nil {
		s.noteFailure(err)
		return
	}
	s.recorder, s.started = recorder, make(chan error, 1)
	p := s.env.Project.Plan
	progress := s.progress(github.Running, fmt.Sprintf("%s of %s, %s", s.env.Command.Name, p.Service, p.Environment))
	go func() {
		var err error
		s.id, err = recorder.Begin(context.WithoutCancel(ctx), progress)
		s.started <- err
	}()
}

// finish lets GitHub show how the run ended. It never changes how it ends, and is bounded as messages are.
func (s *GitHubStatus) finish(ctx context.Context) {
	if s.recorder == nil && s.sha != "" && s.runState() == github.Failed {
		s.start(ctx) // it failed before it knew what to deploy, beside the commit that it ran for
	}
	if s.recorder == nil {
		return
	}
	ctx, cancel, _ := observerContext(ctx)
	defer cancel()
	var err error
	select {
	case err = <-s.started:
	case <-ctx.Done():
		s.noteFailure(context.Cause(ctx))
		return
	}
	title := s.env.Redact.String(report.NewMessage(*s.env.Report, report.MessageOptions{Language: "en"}).Title)
	if moved := s.recorder.Move(ctx, s.id, s.progress(s.runState(), title)); moved != nil {
		err = cmp.Or(err, moved)
	}
	if err != nil {
		s.noteFailure(err)
	}
}

func (s *GitHubStatus) noteFailure(err error) {
	s.env.Console.Note(fmt.Sprintf("could not report this run to GitHub: %v (GITHUB_TOKEN needs deployments: write and statuses: "+
		"write)", err))
}

// runState returns the run's outcome as a state that GitHub shows.
func (s *GitHubStatus) runState() github.RunState {
	switch s.env.Report.Outcome {
	case report.Done, report.NothingToDo:
		if len(s.env.Report.Proposals()) > 0 {
			return github.Proposed
		}
		return github.Deployed
	case report.Cancelled:
		return github.Cancelled
	}
	return github.Failed
}

// progress names the commit status by service and environment: one commit may be released to several.
func (s *GitHubStatus) progress(stand github.RunState, text string) github.Progress {
	env, plan := s.env, s.env.Project.Plan
	p := github.Progress{
		Repository: plan.Commit.Repository, SHA: s.commit(), Environment: plan.Environment,
		Context: "astrago/" + plan.Service + "-" + plan.Environment, State: stand, Text: text, Run: env.RunURL(),
	}
	for _, d := range env.Report.Deployment {
		p.URL = cmp.Or(p.URL, d.URL)
		if d.Proposed() {
			p.URL = d.PullRequest.URL
		}
	}
	if env.Report.Live != nil {
		p.URL = cmp.Or(env.Report.Live.URL, p.URL)
	}
	return p
}
