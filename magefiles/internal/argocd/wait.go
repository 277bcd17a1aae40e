package argocd

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

const (
	defaultTimeout = 5 * time.Minute
	refreshEvery   = 10 * time.Second // a job may commit rendered manifests later; Argo CD itself looks every few minutes
	firstPause     = 500 * time.Millisecond
	laterPause     = 2 * time.Second
	longestPause   = 8 * time.Second  // between tries while nothing answers
	firstPauses    = 10 * time.Second // for how long the first pause is taken
)

// WaitOptions say how to wait.
type WaitOptions struct {
	Timeout  time.Duration // 5 minutes by default
	Progress func(Event)   // called whenever the awaited state changes; nil by default
	Ancestry Ancestry      // nil: only the very commit counts

	// Superseded is asked while only expected images are missing: it says by what the values of the commit were replaced
	// since, empty where they were not. Nil: not asked.
	Superseded func(ctx context.Context) (by string, err error)
}

// Event describes the awaited state.
type Event struct {
	Text     string // in a few words, one line
	Revision string // that the application was compared with; empty where nothing is known
	Sync     string // Synced, OutOfSync or Unknown
	Health   string // Healthy, Progressing, Degraded, Suspended, Missing or Unknown
}

// Result is the state of an application that runs the commit.
type Result struct {
	Revision   string // of the deployment repository that is live: the commit, or one that descends from it
	Sync       string
	Health     string
	Idle       bool          // it is made from commits of which nothing is awaited
	Paused     bool          // it waits for a person: a canary, or a paused Deployment (health Suspended)
	Superseded string        // by what the commit's values were replaced before they were seen live; else empty
	Took       time.Duration // since the wait began
}

// waitRun is one Wait.
type waitRun struct {
	client  *Client
	target  Target
	options WaitOptions
	lineage commitAncestry
	began   time.Time

	refreshed   bool      // ArgoCD has compared since the wait began
	lastRefresh time.Time // when a comparison was last asked for
	answered    bool      // ArgoCD has answered once
	failures    int       // in a row
	last        Event
	suspicion   debounce
	asked       time.Time // when Superseded was last asked
	idle        time.Time // since when no operation begins though one should
	windowed    time.Time // when the sync windows were last asked for
	suspended   time.Time // since when it is paused
	denied      time.Time // since when Argo CD refuses what it allowed before
	manifests   []string  // images of the live manifests; nil before they were read
	at          string    // the revision that they were read at
	surveyed    time.Time // and when
	explained   time.Time // when the pods were last asked why they do not start
	pod         string    // and what they said
}

// Wait returns when the application runs what the target's commits say: each is synced, itself or within a later commit,
// the expected images are live, everything is Synced and Healthy, and no operation runs. What cannot get there by itself
// ends early (problem.Failed) with its reason.
func (c *Client) Wait(ctx context.Context, t Target, o WaitOptions) (Result, error) {
	o.Timeout = cmp.Or(o.Timeout, defaultTimeout)
	if o.Progress == nil {
		o.Progress = func(Event) {}
	}
	w := &waitRun{
		client: c, target: t, options: o, began: c.clock.Now(),
		lineage: commitAncestry{ancestry: o.Ancestry, clock: c.clock, known: map[ancestryKey]ancestryQuestion{}},
	}
	result, err := w.poll(ctx)
	if err != nil && ctx.Err() == nil {
		err = c.explainError(t, err)
	}
	return result, err
}

// poll looks first without a comparison, which is enough where a wait that was killed is run again.
func (w *waitRun) poll(ctx context.Context) (Result, error) {
	for refresh := false; ; {
		found, err := w.pollOnce(ctx, refresh)
		if err == nil && found.ending != nil && w.suspicion.isConfirmed(*found.ending, w.client.clock.Now()) {
			err = found.ending.err
		}
		if err != nil || found.done {
			return w.makeResult(found), err
		}
		if found.ending == nil {
			w.suspicion = debounce{}
		}
		w.sendEvent(found.Event)
		now := w.client.clock.Now()
		refresh = found.refresh && (w.lastRefresh.IsZero() || now.Sub(w.lastRefresh) >= refreshEvery)
		if refresh {
			continue
		}
		pause := w.nextDelay(now)
		if now.Add(pause).Sub(w.began) > w.options.Timeout {
			return Result{}, w.timeoutError(found.ending)
		}
		if err := w.client.clock.Sleep(ctx, pause); err != nil {
			return Result{}, err
		}
	}
}

func (w *waitRun) nextDelay(now time.Time) time.Duration {
	switch {
	case w.failures > 0:
		return min(time.Second<<min(w.failures-1, 8), longestPause)
	case now.Sub(w.began) < firstPauses:
		return firstPause
	}
	return laterPause
}

// pollOnce asks once and judges the answer.
func (w *waitRun) pollOnce(ctx context.Context, refresh bool) (evaluation, error) {
	left := w.options.Timeout - w.client.clock.Now().Sub(w.began)
	limited, cancel := context.WithTimeoutCause(ctx, max(left, firstPause), errSlow)
	defer cancel()
	app, err := w.client.fetchApp(limited, w.target, refresh)
	if refresh {
		w.lastRefresh = w.client.clock.Now()
	}
	if err != nil {
		return w.retryFailedRequest(ctx, err, refresh)
	}
	w.answered, w.failures, w.refreshed, w.denied = true, 0, w.refreshed || refresh, time.Time{}
	return w.evaluateApp(ctx, app)
}

func (w *waitRun) sendEvent(e Event) {
	if e.Text != w.last.Text {
		w.options.Progress(e)
	}
	w.last = e
}

func (w *waitRun) makeResult(f evaluation) Result {
	return Result{
		Revision: f.Revision, Sync: f.Sync, Health: f.Health, Superseded: f.superseded, Paused: f.paused, Idle: f.idle,
		Took: w.client.clock.Now().Sub(w.began),
	}
}

// timeoutError also says what to do about an ending that was not seen for long enough.
func (w *waitRun) timeoutError(near *finalState) error {
	remedy := "look at it: " + w.client.Page(w.target)
	if near != nil {
		if p := problem.As(near.err); p != nil && p.Remedy != "" {
			remedy = p.Remedy + "\nor " + remedy
		}
	}
	return problem.New(problem.Failed, remedy+"\nor wait longer: -timeout=15m, or `argocd.timeout` in astrago.yaml",
		"timed out after %s: %s", formatDuration(w.options.Timeout), cmp.Or(w.last.Text, "Argo CD has not answered"))
}

// formatDuration returns a duration without the zeroes that time.Duration prints: 5m instead of 5m0s.
func formatDuration(d time.Duration) string {
	text := d.Round(time.Second).String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
