package argocd_test

import (
	"strings"
	"testing"

	double "github.com/xiilab/astrago-ci/magefiles/internal/testkit/argocd"
)

// The eleven ways to be wrong about "done", in the order in which they were measured.

func TestSyncedAtTheCommitAndHealthyIsDone(t *testing.T) {
	w := newWorld(t)
	commit := w.commit("bump")
	w.application(once(double.Rollout([]string{newImage}, commit)...))
	w.done(target(commit, newImage), commit)
	w.says("compared with "+w.old[:8]+", waiting for "+commit[:8], "Progressing: Deployment shop/web: Waiting for rollout to finish")
}

func TestTheComparedRevisionAloneIsNotDone(t *testing.T) {
	w := newWorld(t)
	commit := w.commit("bump")
	w.application(once(append([]double.Step{double.OutOfSync(commit), double.OutOfSync(commit)}, double.Rollout([]string{newImage}, commit)...)...))
	w.done(target(commit), commit)
	w.says("OutOfSync at " + commit[:8] + ": Deployment shop/web")
}

func TestASucceededOperationAloneIsNotDone(t *testing.T) {
	w := newWorld(t)
	commit := w.commit("bump")
	// Succeeded at the commit and Healthy, while OutOfSync with the health of before; then the operation's state vanishes.
	w.application(once(append([]double.Step{double.Found(commit), double.Started(), double.Succeeded(newImage)},
		double.Healed(), double.Started(), double.Compared(), double.Succeeded(newImage), double.Live(newImage))...))
	w.done(target(commit, newImage), commit)
}

func TestACommitThatNeedsNoOperationIsDone(t *testing.T) {
	w := newWorld(t)
	commit := w.commit("docs only")
	w.application(once(double.Same(commit)))
	w.done(target(commit, oldImage), commit)
}

func TestAFailedOperationOfAnOldRevisionIsDone(t *testing.T) {
	w := newWorld(t)
	broken := w.commit("a refused manifest")
	revert := w.commit("revert it")
	w.application(once(double.Same(revert)),
		double.Found(broken), double.Started(), double.Failed("Failed", "ConfigMap \"Bad_Name\" is invalid"))
	w.done(target(revert), revert)
}

func TestASupersedingCommitIsDone(t *testing.T) {
	w := newWorld(t)
	commit := w.commit("bump")
	newer := w.commit("somebody else's bump")
	w.application(once(double.Rollout([]string{newImage}, newer)...))
	w.done(target(commit, newImage), newer)
	w.events = nil

	earlier := w.old // an ancestor is no descendant
	w.application(nil)
	if err := w.fails(target(commit), "compared with "+earlier[:8]+", waiting for "+commit[:8]); !strings.Contains(err.Error(), "timed out after 5m:") {
		t.Errorf("the wait ended early: %v", err)
	}
}

func TestARefusedManifestThatIsRetriedEndsEarly(t *testing.T) {
	w := newWorld(t)
	commit := w.commit("bump")
	const reason = `ConfigMap "Bad_Name" is invalid: metadata.name: Invalid value`
	w.application(once(double.Found(commit), double.Started(), double.Retried(1, reason), double.Retried(2, reason)))
	w.ends(target(commit), "syncing "+commit[:8], "attempt 2", reason, "Deployment shop/web", "git revert")
	w.says("(attempt 1)") // told at the first refusal already
}

func TestACommitThatAnotherRetryBlocksIsWaitedFor(t *testing.T) {
	w := newWorld(t)
	broken := w.commit("a refused manifest")
	commit := w.commit("bump")
	const reason = "admission webhook denied the request"
	w.application(once(append([]double.Step{double.OutOfSync(commit), double.Retried(3, reason), double.Retried(4, reason)},
		double.Rollout([]string{newImage}, commit)...)...),
		double.Found(broken), double.Started(), double.Retried(2, reason))
	w.done(target(commit, newImage), commit)
	w.says("sync of "+broken[:8]+", which fails and is being retried (attempt 3)", reason)
}

// TestARunningOperationIsNotDone has a revert that needs no operation, while the one of the broken commit is still tried:
// Synced at the revert and Healthy, as was measured.
func TestARunningOperationIsNotDone(t *testing.T) {
	w := newWorld(t)
	broken := w.commit("a refused manifest")
	revert := w.commit("revert it")
	const reason = "is invalid"
	w.application(once(double.Same(revert), double.Retried(3, reason), double.Retried(4, reason), double.Failed("Failed", reason)),
		double.Found(broken), double.Started(), double.Retried(2, reason))
	w.done(target(revert, oldImage), revert)
	w.says("Synced at " + revert[:8] + ", waiting for the sync of " + broken[:8] + ", which fails and is being retried (attempt 3)")
}

func TestManifestsThatCannotBeRenderedEndEarly(t *testing.T) {
	const reason = `Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = FailedPrecondition desc = Failed to unmarshal "cm.yaml": line 6`
	w := newWorld(t)
	commit := w.commit("bump")
	w.application(once(double.Unrendered(reason))) // the revision is now the branch's name
	w.ends(target(commit), "cannot be rendered", reason, "git revert")
}

func TestARendererThatIsAwayIsWaitedFor(t *testing.T) {
	w := newWorld(t)
	commit := w.commit("bump")
	const reason = "Failed to load target state: rpc error: code = Unavailable desc = connection refused"
	steps := make([]double.Step, 0, 30)
	for range 20 {
		steps = append(steps, double.Unrendered(reason))
	}
	w.application(once(append(steps, double.Rollout([]string{newImage}, commit)...)...))
	w.done(target(commit, newImage), commit)
	w.says("code = Unavailable")
}

func TestSeveralSourcesAreToldByTheirIndex(t *testing.T) {
	w := newWorld(t)
	commit := w.commit("bump")
	const chart = "caf8c718df77ac822d6e7472bc60105409434121"
	several := []double.Source{
		{RepoURL: "https://charts.example.com/other.git", Path: "other", TargetRevision: branch},
		{RepoURL: "git@github.com:acme/deployment.git", Path: "helmfile", TargetRevision: branch},
	}
	w.server.Create(double.New("shop", several, chart, w.old), once(double.Rollout([]string{newImage}, chart, commit)...))
	w.done(target(commit, newImage), commit)
}

func TestAnApplicationThatMissedTheCommitIsRefreshed(t *testing.T) {
	w := newWorld(t)
	commit := w.commit("bump")
	// A webhook that named other files leaves it on the old revision for good.
	w.application(once(double.Rollout([]string{newImage}, commit)...))
	w.done(target(commit, newImage), commit)
	if got := w.server.Refreshes(); got != 1 {
		t.Errorf("it was refreshed %d times, want once", got)
	}
}

func TestReconciledAtIsTooCoarseForBeforeAndAfter(t *testing.T) {
	w := newWorld(t)
	commit := w.commit("bump")
	// Compared in the second in which the sync ended is done; compared in a second before it, it is not.
	w.application(once(double.Then(double.Found(commit), double.Started(), double.Succeeded(newImage), double.Same(commit), double.Live(newImage), double.Reconciled(-1)),
		double.Reconciled(0)))
	w.done(target(commit, newImage), commit)
	w.says("waiting for the comparison after the sync")
}

func TestADoneApplicationIsAskedOnce(t *testing.T) {
	w := newWorld(t)
	w.application(nil)
	w.done(target(w.old, oldImage), w.old)
	if got := w.server.Requests(); len(got) != 1 || strings.Contains(got[0], "refresh") {
		t.Errorf("it was asked %q", got)
	}
}
