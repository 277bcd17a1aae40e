package targets_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/argocd"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

const argoToken = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJwcm9qOnNob3A6Y2kifQ.c2VjcmV0LXNpZ25hdHVyZQ" //nolint:gosec // of no server

// awaited is an application that an Argo CD deploys. It takes what the deployment repository has at each refresh.
type awaited struct {
	*application
	server *argocd.Server
	last   argocd.Step // what the rollout ends with instead of live images; nil: these
}

func (w *world) awaited(name string) *awaited {
	w.t.Helper()
	a := &awaited{application: w.application(name), server: argocd.Start(argocd.Options{})}
	w.t.Cleanup(a.server.Close)
	a.replace("astrago.yaml", "    deploy:", "    argocd: { application: shop, project: default, timeout: 2m }\n    deploy:")
	a.commit("deployed by Argo CD")
	a.server.Allow(argoToken, "default")
	a.env = append(a.env, "ARGOCD_SERVER="+a.server.URL(), "ARGOCD_AUTH_TOKEN="+argoToken)
	source := argocd.Source{RepoURL: "https://github.com/" + example.Deployment + ".git", Path: "helmfile", TargetRevision: example.Branch}
	a.server.Create(argocd.New("shop", []argocd.Source{source}, a.head()), a.refresh)
	return a
}

func (a *awaited) head() string {
	a.t.Helper()
	head, err := a.github.Head(example.Deployment, example.Branch)
	a.must(err)
	return head
}

var imageTag = regexp.MustCompile(`imageTag: *["']?([a-z]+-stage-[0-9a-f]{8})`)

func (a *awaited) refresh(now argocd.Application) []argocd.Step {
	head := a.head()
	if head == now.At()[0] {
		return nil
	}
	var images []string
	for _, match := range imageTag.FindAllStringSubmatch(a.values(), -1) {
		images = append(images, a.registry.Addr()+"/"+example.Owner+"/"+a.name+":"+match[1])
	}
	steps := argocd.Rollout(images, head)
	if a.last != nil {
		steps[len(steps)-1] = a.last
	}
	return steps
}

// says wants words in what a run told people, and the token in nothing.
func (a *awaited) says(r result, words ...string) {
	a.t.Helper()
	for _, word := range words {
		if !strings.Contains(r.stderr, word) {
			a.t.Errorf("nobody was told %q:\n%s", word, r.stderr)
		}
	}
	if strings.Contains(r.stdout+r.stderr, argoToken) {
		a.t.Errorf("the token shows:\n%s%s", r.stdout, r.stderr)
	}
}

func TestReleaseWaitsForArgoCD(t *testing.T) {
	t.Parallel()
	a := newWorld(t).awaited("backend")
	released := a.succeed("release")
	if got := strings.TrimSpace(released.stdout); got != a.head() || !a.server.Settled("shop") {
		t.Errorf("standard output %q, the head is %q, settled %v", got, a.head(), a.server.Settled("shop"))
	}
	a.says(released, "waiting for "+a.head()[:8], "Progressing", "shop is Synced and Healthy at "+a.head()[:8], a.server.URL()+"/applications/shop")

	asked := len(a.server.Requests())
	again := a.succeed("release", "-json")
	if got := a.server.Requests()[asked:]; len(got) != 1 || strings.Contains(got[0], "refresh") {
		t.Errorf("a release that had nothing to do asked %q", got)
	}
	var report struct {
		Outcome string
		Live    struct{ Application, URL, Revision, Sync, Health string }
	}
	a.must(json.Unmarshal([]byte(again.stdout), &report))
	if report.Outcome != "nothing to do" || report.Live.Application != "shop" || report.Live.Revision != a.head() || report.Live.Health != "Healthy" {
		t.Errorf("the report is %+v", report)
	}
}

// TestWaitFindsWhatIsDeployed waits in a process of its own, from a checkout that is further than what is deployed.
func TestWaitFindsWhatIsDeployed(t *testing.T) {
	t.Parallel()
	a := newWorld(t).awaited("frontend")
	a.says(a.succeed("release", "-noWait"), "not waiting for Argo CD: -noWait")
	if got := len(a.server.Requests()); got != 0 {
		t.Errorf("Argo CD was asked %q", a.server.Requests())
	}
	bump := a.head()
	_, err := a.github.Commit(t.Context(), example.Deployment, example.Branch, "something else", map[string][]byte{"notes.txt": []byte("x")})
	a.must(err)
	a.write("src/main.txt", "not released")
	a.commit("not released")
	waited := a.succeed("wait")
	if got := strings.TrimSpace(waited.stdout); got != a.head() || got == bump {
		t.Errorf("standard output %q, want %q, which descends from %q", got, a.head(), bump)
	}
	a.says(waited, "waiting for "+bump[:8], "frontend is live in stage")
}

func TestReleaseTellsThatWhatItCommittedIsDegraded(t *testing.T) {
	t.Parallel()
	a := newWorld(t).awaited("frontend")
	a.last = argocd.Becomes("Degraded", "CrashLoopBackOff: exit code 1")
	a.says(a.refuse(1, []string{"is synced, and Degraded", "Deployment shop/web: CrashLoopBackOff", "git revert", "mage rollback -env=stage", "the commit in the deployment repository is made"}, "release"))
	if got := a.log(); len(got) != 2 {
		t.Errorf("history %q", got)
	}
}

func TestWaitingEndsWithTheTimeout(t *testing.T) {
	t.Parallel()
	a := newWorld(t).awaited("frontend")
	a.last = argocd.Becomes("Progressing", "0 of 1 updated replicas are available")
	a.says(a.refuse(1, []string{"timed out after 20s", "0 of 1 updated replicas", "-timeout=15m"}, "release", "-timeout=20s"))
}

// TestInterruptedWhileWaiting says that the commit is made; the same command finishes the wait, and makes no second one.
func TestInterruptedWhileWaiting(t *testing.T) {
	t.Parallel()
	a := newWorld(t).awaited("frontend")
	a.last = argocd.Becomes("Progressing", "0 of 1 updated replicas are available")
	run := a.start("release")
	run.stderr.until(t, "0 of 1 updated replicas")
	run.signal(syscall.SIGINT)
	interrupted := run.wait()
	if interrupted.code != 130 {
		t.Errorf("exit code %d", interrupted.code)
	}
	a.says(interrupted, "cancelled by SIGINT", "the commit in the deployment repository is made", "mage wait -env=stage")

	a.server.Begin("shop", argocd.Live(a.registry.Addr()+"/"+example.Owner+"/frontend:frontend-stage-"+a.shortSHA()))
	a.says(a.succeed("release"), "shop is Synced and Healthy")
	if want := []string{"deploy(stage): frontend " + a.shortSHA(), "Initial commit"}; !slices.Equal(a.log(), want) {
		t.Errorf("history %q", a.log())
	}
}

func TestReleaseDoesNotWaitForAPullRequest(t *testing.T) {
	t.Parallel()
	a := newWorld(t).awaited("frontend")
	a.github.Grant(a.deployToken, example.Deployment, github.Permissions{Contents: github.Write, PullRequests: github.Write})
	a.replace("astrago.yaml", "      file:", "      mode: pull-request\n      file:")
	a.commit("release by pull request")
	asked := len(a.server.Requests())
	a.says(a.succeed("release"), "until the pull request is merged; then: mage wait")
	if got := a.server.Requests()[asked:]; len(got) != 2 {
		t.Errorf("Argo CD was asked %q, want one look at it and its windows before the build", got)
	}
}

// TestReleaseWithoutArgoCD commits where nobody gave a token, and refuses a wrong one before it builds.
func TestReleaseWithoutArgoCD(t *testing.T) {
	t.Parallel()
	a := newWorld(t).awaited("frontend")
	a.env = append(a.env, "ARGOCD_AUTH_TOKEN="+strings.Replace(argoToken, "c2Vj", "bm9u", 1))
	a.says(a.refuse(1, []string{`application "shop"`, "does not take the token", "set ARGOCD_AUTH_TOKEN"}, "release"))
	if a.pushed("frontend") || len(a.log()) != 1 {
		t.Errorf("something was done before the token was refused, history %q", a.log())
	}
	a.env = append(a.env, "ARGOCD_AUTH_TOKEN=")
	a.says(a.succeed("release"), "not waiting for Argo CD: ARGOCD_AUTH_TOKEN is not set")
	a.put(map[string]string{example.ValuesPath: a.initial()})
	a.env = append(a.env, "ARGOCD_AUTH_TOKEN="+strings.Replace(argoToken, "c2Vj", "bm9u", 1)) // now all images are published
	commits := len(a.log())
	a.refuse(1, []string{"does not take the token"}, "release")
	if len(a.log()) != commits {
		t.Errorf("there is a commit that the wrong token cannot follow: %q", a.log())
	}
	a.env = append(a.env, "ARGOCD_AUTH_TOKEN=")
	a.refuse(2, []string{"waiting for Argo CD: ARGOCD_AUTH_TOKEN is not set", "astrago-ci/docs/operations.md"}, "wait")
	a.env = append(a.env, "ARGOCD_AUTH_TOKEN="+argoToken, "ARGOCD_INSECURE=perhaps")
	a.refuse(2, []string{"reading ARGOCD_INSECURE", "true or false"}, "wait")
	a.env = append(a.env, "ARGOCD_INSECURE=", "ARGOCD_SERVER_CRT=/nowhere.pem")
	a.refuse(2, []string{"reading ARGOCD_SERVER_CRT"}, "wait")
	a.replace("astrago.yaml", "    argocd: { application: shop, project: default, timeout: 2m }\n", "")
	a.refuse(2, []string{`environment "stage" of astrago.yaml names no application`}, "wait")
}

// TestPromotionsAndRollbacksWait also starts from what is Degraded, as a rollback does at night.
func TestPromotionsAndRollbacksWait(t *testing.T) {
	t.Parallel()
	a := newWorld(t).awaited("frontend")
	first := a.next("first")
	a.last = argocd.Becomes("Degraded", "CrashLoopBackOff: exit code 1")
	a.write("src/frontend.txt", "bad")
	a.commit("bad")
	a.refuse(1, []string{"Degraded"}, "release")
	a.last = nil
	back := a.succeed("rollback", "-reason=it crashes", "-json")
	a.says(back, "shop is Synced and Healthy at "+a.head()[:8])
	a.wantTags(example.ValuesPath, stageTag(first))
	var report struct {
		Outcome, Reason, By string
		From                struct{ Environment, Repository, Commit string }
		Live                struct{ Revision string }
		Holds               []struct{ Tag, By, Commit, Reason string }
	}
	a.must(json.Unmarshal([]byte(back.stdout), &report))
	if report.Outcome != "done" || report.Reason != "it crashes" || report.By != "octocat" || len(report.From.Commit) != 40 || report.Live.Revision != a.head() {
		t.Errorf("the report is %+v", report)
	}
	if len(report.Holds) != 1 || report.Holds[0].Tag != stageTag(a.shortSHA()) || report.Holds[0].Commit != a.head() || report.Holds[0].By != "octocat" {
		t.Errorf("the holds are %+v", report.Holds)
	}
	a.says(a.succeed("rollback", "-to="+report.From.Commit), "nothing to do", "shop is Synced and Healthy") // finishes a wait that was killed
	a.says(a.succeed("rollback", "-to="+report.From.Commit, "-noWait"), "not waiting for Argo CD: -noWait")
	a.refuse(2, []string{"reading -timeout"}, "rollback", "-timeout=-1s")

	a.write("astrago.yaml", readFile(t, a.dir+"/astrago.yaml")+strings.ReplaceAll(`
  prod:
    from: stage
    argocd: { application: shop, project: default, timeout: 2m }
    deploy: { repository: acme/deployment, branch: BRANCH, file: prod.yaml, set: '.frontend.tag = "{{ .Tag }}"' }
`, "BRANCH", example.Branch))
	a.put(map[string]string{"prod.yaml": "frontend:\n  tag: frontend-prod-00000000\n"})
	a.server.Begin("shop", argocd.Rollout([]string{a.registry.Addr() + "/acme/frontend:frontend-prod-" + first}, a.head())...)
	a.last = argocd.Live(a.registry.Addr() + "/acme/frontend:frontend-prod-" + first)
	a.env = append(a.env, "ARGOCD_AUTH_TOKEN="+strings.Replace(argoToken, "c2Vj", "bm9u", 1))
	manifests := a.registry.Count(http.MethodPut, registry.Manifest)
	a.says(a.refuse(1, []string{"does not take the token"}, "promote", "-env=prod"))
	if got := a.registry.Count(http.MethodPut, registry.Manifest); got != manifests {
		t.Error("a tag was put before the token was refused")
	}
	a.env = append(a.env, "ARGOCD_AUTH_TOKEN="+argoToken)
	a.says(a.succeed("promote", "-env=prod"), "shop is Synced and Healthy at "+a.head()[:8])
}
