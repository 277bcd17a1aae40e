package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/notify"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

const (
	notifyTimeout = 10 * time.Second // for all messages together
	cancelTimeout = 3 * time.Second  // of a cancelled run; GitHub kills a job 10 seconds after it asked it to end
)

// notifier sends messages about how a run ended. It never changes how the run ends: what goes wrong is a notice.
type notifier struct{ env *Env }

// notify sends the messages. The run's context may be cancelled already, they have their own time.
func (n notifier) notify(ctx context.Context) {
	if !n.shouldNotify() {
		return
	}
	ctx, cancel, timeout := observerContext(ctx)
	defer cancel()
	recovered := n.hasRecovered(ctx)
	for _, subscriber := range n.subscribers() {
		if !wantsOutcome(subscriber, *n.env.Report, n.env.Command.FailureOnly, recovered) {
			continue
		}
		addresses := n.addresses(subscriber)
		if len(addresses) == 0 {
			continue
		}
		o := report.MessageOptions{Language: string(subscriber.Language), Recovered: recovered}
		message := n.redacted(report.NewMessage(*n.env.Report, o))
		for _, err := range notify.Send(ctx, message, addresses, timeout) {
			n.env.Console.Note(fmt.Sprintf("could not notify %s: %v", subscriber.URLs, err))
		}
	}
}

// observerContext returns a context for what tells others how a run ended, which may have been cancelled.
func observerContext(ctx context.Context) (context.Context, context.CancelFunc, time.Duration) {
	timeout := notifyTimeout
	if ctx.Err() != nil {
		timeout = cancelTimeout
	}
	ctx, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), timeout, fmt.Errorf("no answer within %s", timeout))
	return ctx, cancel, timeout
}

// subscribers are those of the environment. A workflow may end before there is one, with a branch that leads to none, say:
// its log has no reader, so that this goes to the subscribers of the whole service. A laptop's has one.
func (n notifier) subscribers() []config.Notify {
	switch p := n.env.Project; {
	case p.Plan != nil:
		return p.Plan.Notify
	case p.Config != nil && n.env.InWorkflow():
		return p.Config.Notify
	}
	return nil
}

// shouldNotify leaves out what happens on a developer's machine every few minutes, and what changes nothing.
func (n notifier) shouldNotify() bool {
	return len(n.subscribers()) > 0 && !n.env.Command.ReadOnly && !n.env.Command.Quiet
}

// wantsOutcome reports whether a subscriber asks for how a run ended.
func wantsOutcome(n config.Notify, r report.Report, failureOnly, recovered bool) bool {
	on := func(e config.Event) bool { return slices.Contains(n.On, e) }
	switch {
	case on(config.OnAlways):
		return true
	case r.Outcome == report.Failed || r.Outcome == report.Refused:
		return on(config.OnFailure)
	case failureOnly:
		return false
	case r.Outcome == report.Done && on(config.OnSuccess):
		return true
	}
	return recovered && on(config.OnRecovered)
}

// hasRecovered reports whether this run succeeded where the one before it failed. That is known without state of its own: GitHub records a
// deployment for every job that names its environment, and how it ended, also where the machine died.
func (n notifier) hasRecovered(ctx context.Context) bool {
	env, p := n.env, n.env.Project.Plan
	succeeded := env.Report.Outcome == report.Done || env.Report.Outcome == report.NothingToDo
	if p == nil || !succeeded || env.Command.FailureOnly || p.Commit.Repository == "" || env.Vars.Get(vars.GitHubToken) == "" {
		return false
	}
	asked := slices.ContainsFunc(p.Notify, func(n config.Notify) bool { return slices.Contains(n.On, config.OnRecovered) })
	if !asked {
		return false
	}
	options := env.Clients.GitHub(vars.GitHubToken)
	options.Notice = nil // waits are not worth a line here, they are bounded
	comparer, err := github.NewComparer(options)
	if err == nil {
		var failed bool
		if failed, err = comparer.LastFailed(ctx, p.Commit.Repository, p.Environment); err == nil {
			return failed
		}
	}
	env.Console.Note(fmt.Sprintf("whether this run recovers from a failure is not known: %v (GITHUB_TOKEN needs deployments: read)", err))
	return false
}

// addresses are those of a variable. A workflow that has none was meant to have some; on a laptop there are none.
func (n notifier) addresses(subscriber config.Notify) []string {
	text, _ := n.env.Vars.Lookup(subscriber.URLs)
	addresses := strings.Fields(text)
	if len(addresses) == 0 && n.env.InWorkflow() {
		n.env.Console.Note(fmt.Sprintf("no notification: %s is not set", subscriber.URLs))
	}
	return addresses
}

// redacted masks what an error or a commit's title may have taken over.
func (n notifier) redacted(m report.Message) report.Message {
	mask := n.env.Redact.String
	m.Title, m.Lines = mask(m.Title), slices.Clone(m.Lines)
	for i := range m.Lines {
		m.Lines[i].Text, m.Lines[i].URL = mask(m.Lines[i].Text), mask(m.Lines[i].URL)
	}
	return m
}
