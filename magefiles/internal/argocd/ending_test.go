package argocd_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/argocd"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	double "github.com/xiilab/astrago-ci/magefiles/internal/testkit/argocd"
)

// rollout goes as far as the comparison that finds the new manifests live and progressing.
func rollout(commit string, more ...double.Step) []double.Step {
	return append([]double.Step{
		double.Found(commit), double.Started(), double.Then(double.Succeeded(newImage), double.Compared()),
	}, more...)
}

func TestDegradedEndsEarly(t *testing.T) {
	w := newWorld(t)
	commit := w.commit("bump")
	w.application(once(rollout(commit, double.Becomes("Degraded", `Deployment "web" exceeded its progress deadline`))...))
	w.ends(target(commit), commit[:8]+" is synced, and Degraded", "Deployment shop/web", "exceeded its progress deadline", "git revert")
}

func TestDegradedForAMomentIsWaitedFor(t *testing.T) {
	w := newWorld(t)
	commit := w.commit("bump")
	degraded := slices.Repeat([]double.Step{double.Becomes("Degraded", "0 of 2 replicas are available")}, 8)
	w.application(once(rollout(commit, append(degraded, double.Live(newImage))...)...))
	w.done(target(commit, newImage), commit)
	w.says("Degraded: Deployment shop/web: 0 of 2 replicas are available")
}

func TestDegradedAgainIsCountedAnew(t *testing.T) {
	w := newWorld(t)
	commit := w.commit("bump")
	restless := slices.Repeat([]double.Step{
		double.Becomes("Degraded", "restarting"), double.Becomes("Degraded", "restarting"), double.Becomes("Progressing", "starting"),
	}, 12)
	w.application(once(rollout(commit, append(restless, double.Live(newImage))...)...))
	w.done(target(commit, newImage), commit)
}

func TestDegradedOfTheOldRevisionIsWaitedFor(t *testing.T) {
	w := newWorld(t)
	commit := w.commit("the correction")
	still := slices.Repeat([]double.Step{double.OutOfSync(w.old)}, 60)
	w.application(func(a double.Application) []double.Step {
		if a.At()[0] == commit {
			return nil
		}
		defer func() { still = nil }()
		return append(still, rollout(commit, double.Live(newImage))...)
	}, double.Becomes("Degraded", "CrashLoopBackOff"))
	w.done(target(commit, newImage), commit)
}

func TestAFailedSyncEndsEarly(t *testing.T) {
	for _, phase := range []string{"Failed", "Error"} {
		w := newWorld(t)
		commit := w.commit("bump")
		w.application(once(double.Found(commit), double.Started(), double.Failed(phase, "field is immutable")))
		w.ends(target(commit), "the sync of "+commit[:8]+" ended with phase "+phase, "Deployment shop/web: field is immutable", "git revert")
	}
}

// TestAFailedHookEndsEarly has everything Synced and Healthy, and an operation that failed after it.
func TestAFailedHookEndsEarly(t *testing.T) {
	w := newWorld(t)
	commit := w.commit("bump")
	w.application(once(rollout(commit, double.Then(double.Live(newImage), double.Found(commit), double.Started(), double.Failed("Failed", "PostSync hook failed"), double.Same(commit)))...))
	w.ends(target(commit, newImage), "PostSync hook failed")
}

func TestAFailedSyncThatANewerCommitReplacesIsWaitedFor(t *testing.T) {
	w := newWorld(t)
	commit := w.commit("bump")
	newer := w.commit("the correction")
	failed := double.Then(double.Found(commit), double.Started(), double.Failed("Failed", "field is immutable"))
	idle := slices.Repeat([]double.Step{double.OutOfSync(newer)}, 10) // longer than any ending must be seen
	w.application(once(append(append([]double.Step{failed}, idle...), double.Rollout([]string{newImage}, newer)...)...))
	w.done(target(commit, newImage), newer)
}

func TestAnAbandonedSyncEndsEarly(t *testing.T) {
	w := newWorld(t)
	commit := w.commit("bump")
	w.application(once(double.Then(double.OutOfSync(commit), double.Complained("SyncError", "Failed last sync attempt to "+commit+": retried 5 times"))))
	w.ends(target(commit), "Argo CD does not sync "+commit[:8], "retried 5 times")
}

func TestAnInvalidSpecEndsEarly(t *testing.T) {
	w := newWorld(t)
	commit := w.commit("bump")
	w.application(once(double.Complained("InvalidSpecError", "application destination server 'https://gone' not found")))
	w.ends(target(commit), "its spec is invalid", "https://gone", "correct the Application")
}

func TestManualSyncEndsEarly(t *testing.T) {
	disabled := false
	for _, policy := range []*double.Automated{nil, {Enabled: &disabled}} {
		w := newWorld(t)
		commit := w.commit("bump")
		w.application(once(double.OutOfSync(commit)), func(a *double.Application) { a.Spec.SyncPolicy.Automated = policy })
		w.ends(target(commit), "OutOfSync at "+commit[:8], "automated sync is off", "argocd app sync shop", "then wait again")
	}
}

func TestASyncWindowEndsEarly(t *testing.T) {
	night := double.Window{Kind: "allow", Schedule: "0 23 * * *", Duration: "1h"}
	freeze := double.Window{Kind: "deny", Schedule: "0 17 * * 5", Duration: "60h"}
	for name, test := range map[string]struct {
		active, inactive []double.Window
		want             string
	}{
		"denied":                 {active: []double.Window{freeze, night}, want: `deny "0 17 * * 5" for 60h`},
		"outside of what allows": {inactive: []double.Window{night, freeze}, want: `allow "0 23 * * *" for 1h`},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			commit := w.commit("bump")
			w.application(once(double.OutOfSync(commit)))
			w.server.Windows("shop", test.active, test.inactive)
			w.ends(target(commit), "a sync window blocks it ("+test.want+")", "argocd app sync shop")
		})
	}
}

func TestASyncWindowThatAllowsIsNoReason(t *testing.T) {
	w := newWorld(t)
	commit := w.commit("bump")
	idle := slices.Repeat([]double.Step{double.OutOfSync(commit)}, 15)
	w.application(once(append(idle, double.Rollout([]string{newImage}, commit)...)...))
	w.server.Windows("shop", []double.Window{{Kind: "allow"}}, []double.Window{{Kind: "deny"}, {Kind: "allow"}})
	w.done(target(commit, newImage), commit)
}

func TestTheTimeoutSaysWhatWasLastWaitedFor(t *testing.T) {
	w := newWorld(t)
	commit := w.commit("bump")
	w.application(once(rollout(commit)...))
	options := w.options()
	options.Timeout = 90 * time.Second
	_, err := w.client.Wait(t.Context(), target(commit), options)
	want := `waiting for the Argo CD application "shop": timed out after 1m30s: Synced at ` + commit[:8] +
		", Progressing: Deployment shop/web: Waiting for rollout to finish: 1 out of 2 new replicas have been updated...\n" +
		"  → look at it: " + w.server.URL() + "/applications/shop\n  → or wait longer: -timeout=15m, or `argocd.timeout` in astrago.yaml"
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestACancelledWaitEndsWithTheCause(t *testing.T) {
	w := newWorld(t)
	commit := w.commit("bump")
	w.application(once(rollout(commit)...))
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := problem.New(problem.Interrupt, "", "cancelled by SIGINT")
	options := w.options()
	options.Progress = func(argocd.Event) { cancel(cause) }
	if _, err := w.client.Wait(ctx, target(commit), options); !errors.Is(err, cause) {
		t.Errorf("it ends with %v", err)
	}
}
