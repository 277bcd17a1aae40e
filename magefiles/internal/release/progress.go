package release

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/deployment"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// shown is what GitHub shows of this run beside the commit: a deployment and a commit status.
type shown struct {
	recorder *deployment.Recorder
	begun    chan error // gives one value, when id is set
	id       int64
}

// records says for which runs that is: those of workflows that deploy a commit which is known.
func (s *session) records() bool {
	deploys := []report.Command{report.CommandRelease, report.CommandBump, report.CommandPromote, report.CommandRollback}
	return s.plan != nil && slices.Contains(deploys, s.report.Command) && !s.options.DryRun && s.vars.Get(vars.Actions) == "true" &&
		s.vars.Get(vars.GitHubToken) != "" && s.report.Run != "" && s.plan.Commit.Repository != "" && s.shownAt() != ""
}

// shownAt is the commit beside which the run is shown.
func (s *session) shownAt() string { return cmp.Or(s.beside, s.plan.Commit.SHA) }

// beginAt is begin for images that exist: it shows the run beside the commit that the first of them was built from, which
// is not the one that is checked out.
func (e *existing) beginAt(ctx context.Context, images []deployment.Image) {
	e.beside = ""
	for _, image := range images {
		e.beside = cmp.Or(e.beside, image.SHA)
	}
	e.begin(ctx)
}

// begin lets GitHub show that the run is under way. It costs the run no time, and what goes wrong is told at its end.
func (s *session) begin(ctx context.Context) {
	if !s.records() {
		return
	}
	options := s.gitHub(vars.GitHubToken)
	options.Notice, options.Deadline = nil, notifyTimeout
	recorder, err := deployment.NewRecorder(options, string(vars.GitHubToken))
	if err != nil {
		s.unrecorded(err)
		return
	}
	r := &shown{recorder: recorder, begun: make(chan error, 1)}
	s.shown = r
	progress := s.progress(deployment.Running, fmt.Sprintf("%s of %s, %s", s.report.Command, s.plan.Service, s.plan.Environment))
	go func() {
		var err error
		r.id, err = recorder.Begin(context.WithoutCancel(ctx), progress)
		r.begun <- err
	}()
}

// end lets GitHub show how the run ended. It never changes how it ends, and is bounded as messages are.
func (s *session) end(ctx context.Context) {
	if s.shown == nil && s.beside != "" && s.stand() == deployment.Failed {
		s.begin(ctx) // it failed before it knew what to deploy, beside the commit that it ran for
	}
	if s.shown == nil {
		return
	}
	timeout := notifyTimeout
	if ctx.Err() != nil {
		timeout = cancelTimeout
	}
	ctx, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), timeout, fmt.Errorf("no answer within %s", timeout))
	defer cancel()
	var err error
	select {
	case err = <-s.shown.begun:
	case <-ctx.Done():
		s.unrecorded(context.Cause(ctx))
		return
	}
	title := s.redact.String(report.NewMessage(s.report, report.MessageOptions{Language: "en"}).Title)
	if moved := s.shown.recorder.Move(ctx, s.shown.id, s.progress(s.stand(), title)); moved != nil {
		err = cmp.Or(err, moved)
	}
	if err != nil {
		s.unrecorded(err)
	}
}

func (s *session) unrecorded(err error) {
	s.console.Note(fmt.Sprintf("this run does not show beside its commit: %v (GITHUB_TOKEN needs deployments: write and statuses: write)", err))
}

// stand is how the run ended, in the words of what GitHub shows.
func (s *session) stand() deployment.Stand {
	switch s.report.Outcome {
	case report.Done, report.NothingToDo:
		if len(s.report.Proposals()) > 0 {
			return deployment.Proposed
		}
		return deployment.Deployed
	case report.Cancelled:
		return deployment.Cancelled
	}
	return deployment.Failed
}

// progress names the commit status by service and environment: one commit may be released to several.
func (s *session) progress(stand deployment.Stand, text string) deployment.Progress {
	p := deployment.Progress{
		Repository: s.plan.Commit.Repository, SHA: s.shownAt(), Environment: s.plan.Environment,
		Context: "astrago/" + s.plan.Service + "-" + s.plan.Environment, Stand: stand, Text: text, Run: s.report.Run,
	}
	for _, d := range s.report.Deployment {
		p.URL = cmp.Or(p.URL, d.URL)
		if d.Proposed() {
			p.URL = d.PullRequest.URL
		}
	}
	if s.report.Live != nil {
		p.URL = cmp.Or(s.report.Live.URL, p.URL)
	}
	return p
}
