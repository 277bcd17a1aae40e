package argocd_test

import (
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/argocd"
	double "github.com/xiilab/astrago-ci/magefiles/internal/testkit/argocd"
)

// What a real Argo CD 3.5.3 answered.

const jobImage = "ghcr.io/acme/shop:job-1"

// TestScaledDownAndScheduledWorkloadsAreLive: neither the summary nor the result of the last, partial sync knows their images.
func TestScaledDownAndScheduledWorkloadsAreLive(t *testing.T) {
	w := newWorld(t)
	commit := w.commit("bump")
	sync := []double.Step{double.Found(commit), double.Started(), double.Succeeded(newImage, jobImage), double.Healed()}
	w.application(once(append(sync, double.Started(), double.Compared(), double.Succeeded(), double.Live(newImage))...))
	w.server.Manage("shop", newImage, jobImage)
	w.done(target(commit, newImage, jobImage), commit)
	state, err := w.client.State(t.Context(), target(commit, newImage, jobImage))
	if err != nil || len(state.Absent) > 0 {
		t.Errorf("state %+v, %v", state, err)
	}
	for _, never := range []string{"of-a-text:1", "of-no-workload:1"} {
		if state, err := w.client.State(t.Context(), target(commit, never)); err != nil || len(state.Absent) != 1 {
			t.Errorf("%s: state %+v, %v", never, state, err)
		}
	}
}

// TestADigestDecides runs the image that the digest names, regardless of the tag before it.
func TestADigestDecides(t *testing.T) {
	const old, pushed = "@sha256:1111111111111111111111111111111111111111111111111111111111111111", "@sha256:2222222222222222222222222222222222222222222222222222222222222222"
	w := newWorld(t)
	w.application(nil, double.Live(newImage+old))
	w.refuses(target(w.old, newImage+pushed), "timed out after 5m", "waiting for image")
	for _, live := range []string{newImage + pushed, oldImage + pushed, newImage} {
		w := newWorld(t)
		w.application(nil, double.Live(live))
		w.done(target(w.old, newImage+pushed), w.old)
	}
}

// intercept answers requests for the application's state with a status for some of the clock's time.
func (w *world) intercept(from, to time.Duration, status int, body string) {
	began := w.clock.Now()
	w.server.Intercept(func(rw http.ResponseWriter, _ *http.Request) bool {
		if passed := w.clock.Now().Sub(began); passed < from || passed >= to {
			return false
		}
		rw.WriteHeader(status)
		_, _ = rw.Write([]byte(body))
		return true
	})
}

const denied = `{"error":"permission denied","code":7,"message":"permission denied"}`

// TestARefusalAfterAnAnswerPasses: argocd-server answers 403 while its Kubernetes API is away.
func TestARefusalAfterAnAnswerPasses(t *testing.T) {
	w := newWorld(t)
	commit := w.commit("bump")
	w.application(once(double.Rollout([]string{newImage}, commit)...))
	w.intercept(time.Second, 20*time.Second, http.StatusForbidden, denied)
	w.done(target(commit, newImage), commit)

	w = newWorld(t)
	w.application(nil, double.Becomes("Progressing", "starting"))
	w.intercept(time.Second, time.Hour, http.StatusForbidden, denied)
	w.refuses(target(w.old, newImage), "Argo CD stopped showing the application 1m", "look whether it was deleted")

	w = newWorld(t)
	w.application(nil)
	w.intercept(0, time.Hour, http.StatusForbidden, denied)
	w.ends(target(w.old, newImage), "it does not exist, or ARGOCD_AUTH_TOKEN may not see it")
}

const listRefs = "Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = failed to list refs: "

// TestAnOutageOfGitIsNoFaultOfTheManifests waits it out, and tells credentials from it.
func TestAnOutageOfGitIsNoFaultOfTheManifests(t *testing.T) {
	for _, what := range []string{
		`unexpected client error: unexpected requesting "http://git.test/acme/deployment.git/info/refs?service=git-upload-pack" status code: 503`,
		`unexpected client error: unexpected requesting "http://git.test/x" status code: 429`, `Get "http://git.test/x": EOF`,
		`Get "http://git.test/x": read tcp 127.0.0.1:57960->127.0.0.1:18090: read: connection reset by peer`,
	} {
		w := newWorld(t)
		commit, calls := w.commit("bump"), 0
		w.application(func(double.Application) []double.Step {
			if calls++; calls <= 3 {
				return []double.Step{double.Unrendered(listRefs + what)}
			}
			return double.Rollout([]string{newImage}, commit)
		})
		w.done(target(commit, newImage), commit)
		w = newWorld(t)
		w.application(nil, double.Unrendered(listRefs+what))
		w.refuses(target(w.commit("bump"), newImage), "Argo CD cannot read the repository", "check that git answers")
	}
	for _, what := range []string{"authentication required: ", "authorization failed: ", "repository not found: "} {
		w := newWorld(t)
		w.application(nil, double.Unrendered(listRefs+what))
		w.ends(target(w.commit("bump"), newImage), "Argo CD may not read the repository", "argocd repo add")
	}
}

// TestSuspendedIsAnEndingOfItsOwn: a paused canary waits for a person, and nothing is wrong.
func TestSuspendedIsAnEndingOfItsOwn(t *testing.T) {
	w := newWorld(t)
	commit := w.commit("bump")
	w.application(once(double.Found(commit), double.Started(), double.Then(double.Succeeded(newImage), double.Compared(), double.Becomes("Suspended", "Deployment is paused"))))
	result, err := w.client.Wait(t.Context(), target(commit, newImage), w.options())
	if err != nil || !result.Paused || result.Health != "Suspended" || result.Revision != commit {
		t.Errorf("%+v, %v\n%s", result, err, w.told())
	}
	w.says("Suspended: Deployment shop/web: Deployment is paused")
}

// TestWhatCannotEndByItselfEndsEarly has each state as it stays.
func TestWhatCannotEndByItselfEndsEarly(t *testing.T) {
	for name, test := range map[string]struct {
		step  func(commit string) double.Step
		words []string
	}{
		"being deleted": {func(string) double.Step {
			return func(a *double.Application) { a.Metadata.DeletionTimestamp = "2026-11-29T01:19:18Z" }
		}, []string{"deleting it since 2026-11-29T01:19:18Z"}},
		"prune is off": {func(commit string) double.Step {
			return double.Then(double.Same(commit), double.Live(newImage), func(a *double.Application) {
				a.Spec.SyncPolicy.Automated.Prune = false
				a.Status.Sync.Status, a.Status.Resources[0].Status, a.Status.Resources[0].Pruning = "OutOfSync", "OutOfSync", true
			})
		}, []string{"pruning is off", "Deployment shop/web", "argocd app sync shop --prune"}},
		"a component that is not rendered": {
			func(commit string) double.Step { return double.Then(double.Same(commit), double.Live(newImage)) },
			[]string{"no manifest of it has the image " + jobImage, "correct `set`"},
		},
		"a hook that fails": {func(commit string) double.Step {
			return double.Then(double.Found(commit), double.Started(), double.Failed("Failed", "x"), func(a *double.Application) {
				r := &a.Status.OperationState.SyncResult.Resources[0]
				r.Kind, r.Name, r.Status, r.HookType, r.HookPhase, r.Message = "Job", "migrate", "Synced", "PreSync", "Failed", "Job has reached the specified backoff limit"
			})
		}, []string{"Job shop/migrate: Job has reached the specified backoff limit", "logs job/migrate"}},
		"degraded": {
			func(commit string) double.Step {
				return double.Then(double.Same(commit), double.Becomes("Degraded", `Deployment "web" exceeded its progress deadline`))
			},
			[]string{"exceeded its progress deadline", "Pod shop/web-7b4bd9f4f7-lp5fk: Back-off: ImagePullBackOff of image"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			commit := w.commit("bump")
			w.application(nil, test.step(commit))
			w.server.Pods("shop", `Back-off: ImagePullBackOff of image "x"`)
			w.ends(target(commit, newImage, jobImage), test.words...)
		})
	}
}

// TestABranchThatWasOverwrittenEndsEarly: the commit is in no history of what Argo CD compares with.
func TestABranchThatWasOverwrittenEndsEarly(t *testing.T) {
	w := newWorld(t)
	ours := w.commit("ours")
	w.must(exec.CommandContext(t.Context(), "git", "-C", w.bare, "update-ref", "refs/heads/"+branch, w.old).Run())
	theirs := w.commit("theirs")
	w.application(func(double.Application) []double.Step {
		return []double.Step{double.Then(double.Same(theirs), double.Live(oldImage))}
	})
	w.ends(target(ours, newImage), "has another line of history now", theirs[:8], ours[:8], "force-pushed")
}

// TestApplicationsThatGetNowhereAreRefusedBeforeTheBuild is asked before anything is built or committed.
func TestApplicationsThatGetNowhereAreRefusedBeforeTheBuild(t *testing.T) {
	for name, test := range map[string]struct {
		step  double.Step
		words []string
	}{
		"manual":       {func(a *double.Application) { a.Spec.SyncPolicy.Automated = nil }, []string{"automated sync is off", "-noWait"}},
		"invalid spec": {double.Complained("InvalidSpecError", "cluster not found"), []string{"InvalidSpecError: cluster not found"}},
		"unrendered":   {double.Unrendered("helm: no such chart"), []string{"ComparisonError: helm: no such chart"}},
		"an outage":    {double.Unrendered(listRefs + "status code: 503"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.application(nil, test.step)
			_, err := w.client.Check(t.Context(), target(w.old))
			asked := w.client.Ask(t.Context(), target(w.old))
			if len(test.words) == 0 && (err != nil || asked != nil) {
				t.Errorf("%v, %v", err, asked)
			}
			for _, word := range test.words {
				if err == nil || !strings.Contains(err.Error(), word) || asked == nil || !strings.Contains(asked.Error(), word) {
					t.Errorf("want %q: %v, %v", word, err, asked)
				}
			}
		})
	}
	w := newWorld(t)
	w.application(nil)
	w.server.Windows("shop", []double.Window{{Kind: "deny", Schedule: "* * * * *", Duration: "1h"}}, nil)
	if _, err := w.client.Check(t.Context(), target(w.old)); err == nil || !strings.Contains(err.Error(), `a sync window blocks it (deny "* * * * *" for 1h)`) || !strings.Contains(err.Error(), "release after the window has ended") {
		t.Errorf("error %v", err)
	}
}

// TestAnotherNamespaceIsNamed in the policy that a token needs.
func TestAnotherNamespaceIsNamed(t *testing.T) {
	w := newWorld(t)
	elsewhere := argocd.Target{Application: "shop", Project: "default", Namespace: "team", Commits: target(w.old).Commits}
	w.refuses(elsewhere, "applications, get, default/team/shop, allow")
}
