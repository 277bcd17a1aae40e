package targets_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/argocd"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

const elsewhere = "acme/disaster-recovery"

// mixed is an application with two deployments, each with an application of Argo CD: one takes commits, the other pull
// requests.
func mixed(t *testing.T) *awaited {
	t.Helper()
	w := newWorld(t)
	a := w.awaited("frontend")
	_, err := w.github.CreateRepository(t.Context(), elsewhere, "main", map[string][]byte{"values.yaml": []byte("frontend: 'frontend-stage-00000000'\n")})
	w.must(err)
	w.github.Grant(w.deployToken, elsewhere, github.Permissions{Contents: github.Write, PullRequests: github.Write})
	a.replace("astrago.yaml", "    argocd: { application: shop, project: default, timeout: 2m }\n",
		"    argocd:\n    - { application: shop, project: default, timeout: 2m }\n    - { application: recovery, project: default, timeout: 2m }\n")
	a.replace("astrago.yaml", "    deploy:\n      repository: acme/deployment", "    deploy:\n    - repository: acme/deployment")
	a.write("astrago.yaml", strings.TrimRight(readFile(t, a.dir+"/astrago.yaml"), "\n")+
		"\n    - { repository: acme/disaster-recovery, branch: main, file: values.yaml, set: '.{{ .Component }} = \"{{ .Tag }}\"', mode: pull-request }\n")
	a.commit("two deployments")
	source := argocd.Source{RepoURL: "https://github.com/" + elsewhere, TargetRevision: "main"}
	a.server.Create(argocd.New("recovery", []argocd.Source{source}, a.recovery()), nil)
	return a
}

// recovery is the head of the other repository.
func (a *awaited) recovery() string {
	a.t.Helper()
	head, err := a.github.Head(elsewhere, "main")
	a.must(err)
	return head
}

// waited are the applications that a report says are live.
func (a *awaited) waited(r result) []string {
	a.t.Helper()
	var report struct {
		Live     struct{ Application string }
		AlsoLive []struct{ Application string }
	}
	a.must(json.Unmarshal([]byte(r.stdout), &report))
	names := []string{report.Live.Application}
	for _, also := range report.AlsoLive {
		names = append(names, also.Application)
	}
	return names
}

// merged is a colleague's merge of the pull request in the other repository, which both applications have seen.
func (a *awaited) merged() {
	a.t.Helper()
	tag := stageTag(a.shortSHA())
	_, err := a.github.Commit(a.t.Context(), elsewhere, "main", "merged", map[string][]byte{"values.yaml": []byte("frontend: '" + tag + "'\n")})
	a.must(err)
	a.server.Begin("recovery", argocd.Rollout([]string{a.registry.Addr() + "/acme/frontend:" + tag}, a.recovery())...)
}

// TestADeploymentCommitsAndAnotherProposes says of each what became of it, and waits for what was committed.
func TestADeploymentCommitsAndAnotherProposes(t *testing.T) {
	t.Parallel()
	a := mixed(t)
	a.write("src/frontend.txt", "first")
	a.commit("first")
	released := a.succeed("release", "-json")
	a.says(released, "1 commit, 1 pull request", "not waiting for "+elsewhere+"@main", "shop: ", "shop is Synced and Healthy",
		"frontend released to stage, and proposed in "+elsewhere+"@main")
	if got := a.waited(released); !slices.Equal(got, []string{"shop"}) {
		t.Errorf("it waited for %q", got)
	}
	a.merged()
	both := a.succeed("wait", "-json")
	a.says(both, "shop is Synced and Healthy", "recovery: ", "recovery is Synced and Healthy")
	if got := a.waited(both); !slices.Equal(got, []string{"shop", "recovery"}) {
		t.Errorf("it waited for %q", got)
	}
	var status struct {
		Environments []struct {
			AlsoArgoCD []struct{ Application, Health string }
		}
	}
	a.must(json.Unmarshal([]byte(a.succeed("status", "-json").stdout), &status))
	if also := status.Environments[0].AlsoArgoCD; len(also) != 1 || also[0].Application != "recovery" || also[0].Health != "Healthy" {
		t.Errorf("the status has %+v", status)
	}
	if got := a.run("doctor").stdout; !strings.Contains(got, "applications/shop shows it") || !strings.Contains(got, "applications/recovery shows it") {
		t.Errorf("the doctor says\n%s", got)
	}

	first := a.shortSHA()
	a.write("src/frontend.txt", "second")
	a.commit("second")
	a.succeed("release")
	a.merged()
	back := a.succeed("rollback", "-reason=login fails", "-json")
	a.says(back, "in "+elsewhere+"@main nothing is changed or held until the pull request is merged",
		"stage is held against "+stageTag(a.shortSHA())+" and what came before (in "+elsewhere+"@main from the merge on)",
		"rolled back frontend in stage, and proposed in "+elsewhere+"@main", "shop is Synced and Healthy")
	a.wantTags(example.ValuesPath, stageTag(first))
	if got := a.waited(back); !slices.Equal(got, []string{"shop"}) {
		t.Errorf("the rollback waited for %q", got)
	}
}

// TestEachApplicationIsWaitedFor goes on with the others where one fails, and tells of each.
func TestEachApplicationIsWaitedFor(t *testing.T) {
	t.Parallel()
	a := mixed(t)
	a.replace("astrago.yaml", ", mode: pull-request", "")
	a.commit("both are committed")
	a.last = argocd.Becomes("Degraded", "CrashLoopBackOff: exit code 1")
	failed := a.refuse(1, []string{`application "shop"`, "Degraded", `application "recovery"`, "timed out after 20s"}, "release", "-timeout=20s")
	if strings.Count(failed.stderr, "→ mage wait -env=stage -timeout=20s") != 1 {
		t.Errorf("it goes on with\n%s", failed.stderr)
	}
}
