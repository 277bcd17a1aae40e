package argocd

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// judge decides what an answer means. No single field does: each of them alone was seen to say "done" of a state that was
// not.
func (w *waiter) judge(ctx context.Context, app *application) (finding, error) {
	f := finding{Event: Event{Sync: app.Status.Sync.Status, Health: app.Status.Health.Status}}
	places, err := w.target.match(app)
	if err != nil {
		return f, err
	}
	if places = made(places); len(places) == 0 {
		f.done, f.idle = true, true
		return f, nil
	}
	f.Revision = app.compared().at(places[0].index)
	ours, err := w.lineage.all(ctx, places, app.compared())
	if err != nil {
		return f, err
	}
	if app.running() {
		w.idle = time.Time{}
	}
	applied := false // the last operation was for our commit
	if state := app.Status.OperationState; state != nil {
		if applied, err = w.lineage.all(ctx, places, state.synced()); err != nil {
			return f, err
		}
	}
	return w.conclude(ctx, situation{finding: f, app: app, places: places, place: places[0], ours: ours, applied: applied, refreshed: w.refreshed})
}

// conclude decides by the revisions, then by the operation, then by what the application says of its parts.
func (w *waiter) conclude(ctx context.Context, s situation) (finding, error) {
	app := s.app
	switch {
	case s.failed():
	case s.deleting():
	case !s.ours:
		s.waitForRevision()
		if s.ending == nil && w.refreshed && w.lineage.left(s.place.Commit, s.Revision) {
			s.ending = overwritten(&s)
		}
	case app.Status.Sync.Status != "Synced":
		return w.outOfSync(ctx, s)
	case app.running():
		s.waitForOperation()
	case app.Status.Health.Status == "Suspended" && !app.stale():
		return w.paused(s), nil
	case app.Status.Health.Status != "Healthy":
		return w.unhealthy(ctx, s), nil
	case app.stale():
		s.Text, s.refresh = "Synced at "+short(s.Revision)+", waiting for the comparison after the sync", true
	default:
		return w.live(ctx, s)
	}
	return s.finding, nil
}

// situation is one answer with what is known of its revisions.
type situation struct {
	finding
	app       *application
	places    []watched
	place     watched // the first of them
	ours      bool    // what it was compared with is our commit or descends from it
	applied   bool    // so is what the last operation was for
	refreshed bool    // the answer is of a comparison that was made since the wait began
}

// waitForRevision: the comparison has not seen our commit.
func (s *situation) waitForRevision() {
	s.refresh = true
	s.Text = fmt.Sprintf("compared with %s, waiting for %s", short(s.Revision), short(s.place.SHA))
	if state := s.app.Status.OperationState; state != nil && s.app.running() && state.RetryCount > 0 {
		s.Text = fmt.Sprintf("blocked by the sync of %s, which fails and is being retried (attempt %d)%s",
			short(state.synced().at(s.place.index)), state.RetryCount, because(culprit(state)))
		s.ending = blocked(s)
	}
}

func (s *situation) waitForOperation() {
	s.Text = s.Sync + " at " + short(s.Revision) + ", " + s.operation()
	state := s.app.Status.OperationState
	switch {
	case state == nil || s.applied || !s.app.running():
	case state.RetryCount > 0:
		s.ending = blocked(s)
	case state.hook() != "":
		s.ending = hung(s, state.hook())
	}
}

// operation says what the running operation does, or which other commit's operation is in the way.
func (s *situation) operation() string {
	state := s.app.Status.OperationState
	switch {
	case state == nil:
		return "waiting for the sync to begin"
	case !s.applied:
		text := "waiting for the sync of " + short(state.synced().at(s.place.index))
		if state.RetryCount > 0 {
			text += fmt.Sprintf(", which fails and is being retried (attempt %d)", state.RetryCount)
		}
		return text + because(culprit(state))
	case state.RetryCount > 0:
		return fmt.Sprintf("syncing fails and is being retried (attempt %d)", state.RetryCount) + because(culprit(state))
	}
	return "syncing" + because(culprit(state))
}

// unhealthy waits for health. What is Degraded says why by its pods.
func (w *waiter) unhealthy(ctx context.Context, s situation) finding {
	status := s.app.Status.Health.Status
	s.Text = "Synced at " + short(s.Revision) + ", " + status
	if worst := s.app.worst(status); worst != "" {
		s.Text += ": " + worst
	}
	if status != "Degraded" {
		return s.finding
	}
	if now := w.client.clock.Now(); now.Sub(w.explained) >= refreshEvery {
		w.explained, w.pod = now, w.client.podReason(ctx, w.target)
	}
	s.ending = degraded(&s, w.pod)
	return s.finding
}

// paused: what is Suspended, a canary or a paused Deployment, goes on when a person says so, and nothing is wrong with it.
func (w *waiter) paused(s situation) finding {
	s.Text = "Synced at " + short(s.Revision) + ", Suspended"
	if worst := s.app.worst("Suspended"); worst != "" {
		s.Text += ": " + worst
	}
	now := w.client.clock.Now()
	if w.suspended.IsZero() {
		w.suspended = now
	}
	s.done = now.Sub(w.suspended) >= settled
	s.paused = s.done
	return s.finding
}

// deleting: nothing is synced any more.
func (s *situation) deleting() bool {
	if s.app.Metadata.Deleted == "" {
		return false
	}
	s.Text = "the application is being deleted"
	s.ending = &ending{kind: "deleting", after: confirmed, err: problem.New(problem.Failed,
		"create it again, or correct `argocd.application` in astrago.yaml", "it is being deleted in ArgoCD since %s", s.app.Metadata.Deleted)}
	return true
}

// outOfSync: the comparison has seen our commit, and what runs is not that yet.
func (w *waiter) outOfSync(ctx context.Context, s situation) (finding, error) {
	s.waitForOperation()
	if s.app.running() {
		return s.finding, nil
	}
	var names []string
	for _, r := range s.app.Status.Resources {
		if r.Status == "OutOfSync" {
			names = append(names, r.name())
		}
	}
	s.Text = s.Sync + " at " + short(s.Revision)
	if len(names) > 0 {
		s.Text += ": " + strings.Join(names[:min(3, len(names))], ", ")
	}
	s.refresh = true
	switch message, refused := s.app.condition("SyncError"); {
	case refused && s.refreshed:
		s.ending = refusedSync(&s, message)
	case refused:
	case s.app.onlyPrunes():
		s.ending = unpruned(&s, w.target, names)
	case !s.app.automated():
		s.ending = manual(&s, w.client.Page(w.target))
	default:
		return w.windows(ctx, s)
	}
	return s.finding, nil
}

// live: everything is as it should be, if the images are.
func (w *waiter) live(ctx context.Context, s situation) (finding, error) {
	expected := images(s.places)
	missing, err := w.missing(ctx, s, expected)
	if err != nil {
		return s.finding, err
	}
	if len(missing) == 0 {
		s.done = true
		return s.finding, nil
	}
	s.refresh = true // where manifests are rendered by a job, its commit is still to come
	s.Text = fmt.Sprintf("Synced and Healthy at %s, waiting for image %s", short(s.Revision), withoutDigest(missing[0]))
	if more := len(missing) - 1; more > 0 {
		s.Text += fmt.Sprintf(" and %d more", more)
	}
	if w.manifests != nil && len(missing) < len(expected) {
		s.ending = unrendered(missing)
	}
	now := w.client.clock.Now()
	if w.options.Superseded == nil || now.Sub(w.began) < refreshEvery || now.Sub(w.asked) < supersededEvery {
		return s.finding, nil
	}
	w.asked = now
	by, err := w.options.Superseded(ctx)
	s.superseded, s.done = by, by != ""
	return s.finding, err
}

// missing are the expected images that nothing live names. The manifests are read only where pods do not tell.
func (w *waiter) missing(ctx context.Context, s situation, expected []string) ([]string, error) {
	missing := absent(expected, s.app, s.applied, nil)
	now := w.client.clock.Now()
	if len(missing) == 0 || w.manifests != nil && w.at == s.Revision && now.Sub(w.surveyed) < manifestEvery {
		return absent(expected, s.app, s.applied, w.manifests), nil
	}
	found, err := w.client.managed(ctx, w.target)
	if err != nil {
		return missing, ctx.Err() // the application is asked again
	}
	w.manifests, w.at, w.surveyed = append([]string{}, found...), s.Revision, now
	return absent(expected, s.app, s.applied, w.manifests), nil
}

// supersededEvery is how often the deployment repository is read while images are missing.
const supersededEvery = 20 * time.Second
