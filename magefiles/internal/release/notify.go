package release

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/deployment"
	"github.com/xiilab/astrago-ci/magefiles/internal/notify"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

const (
	notifyTimeout = 10 * time.Second // for all messages together
	cancelTimeout = 3 * time.Second  // of a cancelled run; GitHub kills a job 10 seconds after it asked it to end
)

// notify tells the people who want to know how the run ended. It never changes how the run ends: what goes wrong is a
// notice. The run's context may be cancelled already, the messages have their own time.
func (s *session) notify(ctx context.Context) {
	if !s.tells() {
		return
	}
	timeout := notifyTimeout
	if ctx.Err() != nil {
		timeout = cancelTimeout
	}
	ctx, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), timeout, fmt.Errorf("no answer within %s", timeout))
	defer cancel()
	recovered := s.recovered(ctx)
	for _, n := range s.subscribers() {
		if !wanted(n, s.report, recovered) {
			continue
		}
		addresses := s.addresses(n)
		if len(addresses) == 0 {
			continue
		}
		message := s.redacted(report.NewMessage(s.report, report.MessageOptions{Language: string(n.Language), Recovered: recovered}))
		for _, err := range notify.Send(ctx, message, addresses, timeout) {
			s.console.Note(fmt.Sprintf("nobody is told by %s, %v", n.URLs, err))
		}
	}
}

// subscribers are those of the environment. A workflow may end before there is one, with a branch that leads to none, say:
// nobody looks at its log, so that this is told to those of the whole service. On a laptop somebody is looking.
func (s *session) subscribers() []config.Notify {
	switch {
	case s.plan != nil:
		return s.plan.Notify
	case s.config != nil && s.vars.Get(vars.Actions) == "true":
		return s.config.Notify
	}
	return nil
}

// tells leaves out what happens on a developer's machine every few minutes, and what changes nothing.
func (s *session) tells() bool {
	quiet := []report.Command{report.CommandBuild, report.CommandPlan}
	return len(s.subscribers()) > 0 && !s.options.DryRun && !s.looks() && !slices.Contains(quiet, s.report.Command)
}

// looks tells a `hold` that only shows what is held.
func (s *session) looks() bool {
	return s.report.Command == report.CommandHold && s.options.Reason == "" && !s.options.Lift
}

// wanted says whether an end of a run is one that n asks for. A push deploys nothing, so that only its failure counts.
func wanted(n config.Notify, r report.Report, recovered bool) bool {
	on := func(e config.Event) bool { return slices.Contains(n.On, e) }
	switch {
	case on(config.OnAlways):
		return true
	case r.Outcome == report.Failed || r.Outcome == report.Refused:
		return on(config.OnFailure)
	case r.Command == report.CommandPush:
		return false
	case r.Outcome == report.Done && on(config.OnSuccess):
		return true
	}
	return recovered && on(config.OnRecovered)
}

// recovered tells whether this run succeeded where the one before it failed. That is known without any state of our own:
// GitHub records a deployment for every job that names its environment, and how it ended, also where the machine died.
func (s *session) recovered(ctx context.Context) bool {
	succeeded := s.report.Outcome == report.Done || s.report.Outcome == report.NothingToDo
	if s.plan == nil {
		return false
	}
	asked := slices.ContainsFunc(s.plan.Notify, func(n config.Notify) bool { return slices.Contains(n.On, config.OnRecovered) })
	repository := s.plan.Commit.Repository
	if !succeeded || !asked || s.report.Command == report.CommandPush || repository == "" || s.vars.Get(vars.GitHubToken) == "" {
		return false
	}
	options := s.gitHub(vars.GitHubToken)
	options.Notice = nil // waits are not worth a line here, they are bounded
	comparer, err := deployment.NewComparer(options, string(vars.GitHubToken))
	if err == nil {
		var failed bool
		if failed, err = comparer.LastFailed(ctx, repository, s.plan.Environment); err == nil {
			return failed
		}
	}
	s.console.Note(fmt.Sprintf("whether this run recovers from a failure is not known: %v (GITHUB_TOKEN needs deployments: read)", err))
	return false
}

// addresses are those of a variable. A workflow that has none was meant to have some; on a laptop there are none.
func (s *session) addresses(n config.Notify) []string {
	text, _ := s.vars.Lookup(n.URLs)
	addresses := strings.Fields(text)
	if len(addresses) == 0 && s.vars.Get(vars.Actions) == "true" {
		s.console.Note(fmt.Sprintf("nobody is told: %s is not set", n.URLs))
	}
	return addresses
}

// redacted masks what an error or a commit's title may have taken over.
func (s *session) redacted(m report.Message) report.Message {
	m.Title, m.Lines = s.redact.String(m.Title), slices.Clone(m.Lines)
	for i := range m.Lines {
		m.Lines[i].Text, m.Lines[i].URL = s.redact.String(m.Lines[i].Text), s.redact.String(m.Lines[i].URL)
	}
	return m
}
