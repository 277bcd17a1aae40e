package argocd

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// evaluateApp decides what an answer means. No single field does: each of them alone was seen to say "done" of a state that was
// not.
func (w *waitRun) evaluateApp(ctx context.Context, app *appState) (evaluation, error) {
	f := evaluation{Event: Event{Sync: app.Status.Sync.Status, Health: app.Status.Health.Status}}
	places, err := w.target.matchSources(app)
	if err != nil {
		return f, err
	}
	if places = withRevision(places); len(places) == 0 {
		f.done, f.idle = true, true
		return f, nil
	}
	f.Revision = app.comparedRevisions().ofSource(places[0].index)
	ours, err := w.lineage.allContained(ctx, places, app.comparedRevisions())
	if err != nil {
		return f, err
	}
	if app.hasOperation() {
		w.idle = time.Time{}
	}
	applied := false // the last operation was for the awaited commit
	if state := app.Status.OperationState; state != nil {
		if applied, err = w.lineage.allContained(ctx, places, state.syncedRevisions()); err != nil {
			return f, err
		}
	}
	return w.evaluateStages(ctx, appSituation{
		evaluation: f, app: app, places: places, place: places[0], ours: ours, applied: applied,
		refreshed: w.refreshed,
	})
}

// evaluateStages decides by the revisions, then by the operation, then by what the application says of its parts.
func (w *waitRun) evaluateStages(ctx context.Context, s appSituation) (evaluation, error) {
	app := s.app
	switch {
	case s.operationFailed():
	case s.isDeleting():
	case !s.ours:
		s.waitForRevision()
		if s.ending == nil && w.refreshed && w.lineage.hasDiverged(s.place.Commit, s.Revision) {
			s.ending = branchOverwritten(&s)
		}
	case app.Status.Sync.Status != "Synced":
		return w.outOfSync(ctx, s)
	case app.hasOperation():
		s.waitForOperation()
	case app.Status.Health.Status == "Suspended" && !app.isStale():
		return w.evaluatePaused(s), nil
	case app.Status.Health.Status != "Healthy":
		return w.evaluateHealth(ctx, s), nil
	case app.isStale():
		s.Text, s.refresh = "Synced at "+commitid.ShortRevision(s.Revision)+", waiting for the comparison after the sync", true
	default:
		return w.evaluateImages(ctx, s)
	}
	return s.evaluation, nil
}

// appSituation is one answer with what is known of its revisions.
type appSituation struct {
	evaluation
	app       *appState
	places    []watchedCommit
	place     watchedCommit // the first of them
	ours      bool          // the compared revision is the commit or descends from it
	applied   bool          // so is the revision of the last operation
	refreshed bool          // the answer is of a comparison that was made since the wait began
}

// waitForRevision describes the wait for a comparison that covers the commit.
func (s *appSituation) waitForRevision() {
	s.refresh = true
	s.Text = fmt.Sprintf("compared with %s, waiting for %s", commitid.ShortRevision(s.Revision), s.place.SHA.Short())
	if state := s.app.Status.OperationState; state != nil && s.app.hasOperation() && state.RetryCount > 0 {
		s.Text = fmt.Sprintf("blocked by the sync of %s, which fails and is being retried (attempt %d)%s",
			commitid.ShortRevision(state.syncedRevisions().ofSource(s.place.index)), state.RetryCount, withReason(firstFailure(state)))
		s.ending = blockedByRetry(s)
	}
}

func (s *appSituation) waitForOperation() {
	s.Text = s.Sync + " at " + commitid.ShortRevision(s.Revision) + ", " + s.describeOperation()
	state := s.app.Status.OperationState
	switch {
	case state == nil || s.applied || !s.app.hasOperation():
	case state.RetryCount > 0:
		s.ending = blockedByRetry(s)
	case state.runningHookLogs() != "":
		s.ending = blockedByHook(s, state.runningHookLogs())
	}
}

// describeOperation returns what the running operation does, or which other commit's operation is in the way.
func (s *appSituation) describeOperation() string {
	state := s.app.Status.OperationState
	switch {
	case state == nil:
		return "waiting for the sync to begin"
	case !s.applied:
		text := "waiting for the sync of " + commitid.ShortRevision(state.syncedRevisions().ofSource(s.place.index))
		if state.RetryCount > 0 {
			text += fmt.Sprintf(", which fails and is being retried (attempt %d)", state.RetryCount)
		}
		return text + withReason(firstFailure(state))
	case state.RetryCount > 0:
		return fmt.Sprintf("syncing fails and is being retried (attempt %d)", state.RetryCount) + withReason(firstFailure(state))
	}
	return "syncing" + withReason(firstFailure(state))
}

// evaluateHealth waits for health. What is Degraded says why by its pods.
func (w *waitRun) evaluateHealth(ctx context.Context, s appSituation) evaluation {
	status := s.app.Status.Health.Status
	s.Text = "Synced at " + commitid.ShortRevision(s.Revision) + ", " + status
	if worst := s.app.firstWithHealth(status); worst != "" {
		s.Text += ": " + worst
	}
	if status != "Degraded" {
		return s.evaluation
	}
	if now := w.client.clock.Now(); now.Sub(w.explained) >= refreshEvery {
		w.explained, w.pod = now, w.client.podReason(ctx, w.target)
	}
	s.ending = degradedHealth(&s, w.pod)
	return s.evaluation
}

// evaluatePaused: what is Suspended, a canary or a paused Deployment, goes on when a person says so, and nothing is wrong with it.
func (w *waitRun) evaluatePaused(s appSituation) evaluation {
	s.Text = "Synced at " + commitid.ShortRevision(s.Revision) + ", Suspended"
	if worst := s.app.firstWithHealth("Suspended"); worst != "" {
		s.Text += ": " + worst
	}
	now := w.client.clock.Now()
	if w.suspended.IsZero() {
		w.suspended = now
	}
	s.done = now.Sub(w.suspended) >= settledAfter
	s.paused = s.done
	return s.evaluation
}

// isDeleting: nothing is synced any more.
func (s *appSituation) isDeleting() bool {
	if s.app.Metadata.Deleted == "" {
		return false
	}
	s.Text = "the application is being deleted"
	s.ending = &finalState{kind: "deleting", after: confirmedAfter, err: problem.New(problem.Failed,
		"create it again, or correct `argocd.application` in astrago.yaml", "Argo CD has been deleting it since %s",
		s.app.Metadata.Deleted)}
	return true
}

// outOfSync evaluates a comparison that covers the commit while the application does not run it yet.
func (w *waitRun) outOfSync(ctx context.Context, s appSituation) (evaluation, error) {
	s.waitForOperation()
	if s.app.hasOperation() {
		return s.evaluation, nil
	}
	var names []string
	for _, r := range s.app.Status.Resources {
		if r.Status == "OutOfSync" {
			names = append(names, r.displayName())
		}
	}
	s.Text = s.Sync + " at " + commitid.ShortRevision(s.Revision)
	if len(names) > 0 {
		s.Text += ": " + strings.Join(names[:min(3, len(names))], ", ")
	}
	s.refresh = true
	switch message, refused := s.app.conditionMessage("SyncError"); {
	case refused && s.refreshed:
		s.ending = refusedSync(&s, message)
	case refused:
	case s.app.onlyPrunes():
		s.ending = pruneNeeded(&s, w.target, names)
	case !s.app.hasAutoSync():
		s.ending = manualSyncNeeded(&s, w.client.Page(w.target))
	default:
		return w.evaluateWindows(ctx, s)
	}
	return s.evaluation, nil
}

// evaluateImages: everything is as it should be, if the images are.
func (w *waitRun) evaluateImages(ctx context.Context, s appSituation) (evaluation, error) {
	expected := expectedImages(s.places)
	missing, err := w.findMissingImages(ctx, s, expected)
	if err != nil {
		return s.evaluation, err
	}
	if len(missing) == 0 {
		s.done = true
		return s.evaluation, nil
	}
	s.refresh = true // where manifests are rendered by a job, its commit is still to come
	s.Text = fmt.Sprintf("Synced and Healthy at %s, waiting for image %s", commitid.ShortRevision(s.Revision), missing[0].WithDigest(""))
	if more := len(missing) - 1; more > 0 {
		s.Text += fmt.Sprintf(" and %d more", more)
	}
	if w.manifests != nil && len(missing) < len(expected) {
		s.ending = imagesNotRendered(missing)
	}
	now := w.client.clock.Now()
	if w.options.Superseded == nil || now.Sub(w.began) < refreshEvery || now.Sub(w.asked) < supersededEvery {
		return s.evaluation, nil
	}
	w.asked = now
	by, err := w.options.Superseded(ctx)
	s.superseded, s.done = by, by != ""
	return s.evaluation, err
}

// findMissingImages returns the expected images that nothing live names. The manifests are read only where pods do not tell.
func (w *waitRun) findMissingImages(ctx context.Context, s appSituation, expected []imageref.Reference) ([]imageref.Reference, error) {
	missing := w.target.missingImages(expected, s.app, s.applied, nil)
	now := w.client.clock.Now()
	if len(missing) == 0 || w.manifests != nil && w.at == s.Revision && now.Sub(w.surveyed) < manifestEvery {
		return w.target.missingImages(expected, s.app, s.applied, w.manifests), nil
	}
	found, err := w.client.managedImages(ctx, w.target)
	if err != nil {
		return missing, ctx.Err() // the application is asked again
	}
	w.manifests, w.at, w.surveyed = append([]string{}, found...), s.Revision, now
	return w.target.missingImages(expected, s.app, s.applied, w.manifests), nil
}

// supersededEvery is the interval at which the deployment repository is read while images are missing.
const supersededEvery = 20 * time.Second
