package targets_test

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// stageTag is the frontend's tag in stage.
func stageTag(sha string) string { return "frontend-stage-" + sha }

// TestRollback goes back twice, is not overrun by a workflow that runs again, and ends with a newer build.
func TestRollback(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("frontend")
	first, second, third := a.next("first"), a.next("second"), a.next("third")

	a.succeed("rollback", "-env=stage", "-dryRun").says(t, "dry run", "+ "+stageTag(second))
	a.wantTags(example.ValuesPath, stageTag(third))
	result := a.succeed("rollback", "-env=stage", "-reason=login fails")
	result.says(t, "back to "+stageTag(second), "stage is held against "+stageTag(third), "mage hold -env=stage -lift", "rolled back frontend in stage")
	a.wantTags(example.ValuesPath, stageTag(second))
	a.wantMessage("rollback(stage): frontend to "+second, "Astrago-Rollback: frontend "+stageTag(third), "Astrago-Reason: login fails", "Astrago-Hold: frontend until newer")
	if head, err := a.github.Head(example.Deployment, example.Branch); err != nil || strings.TrimSpace(result.stdout) != head {
		t.Errorf("standard output %q, head %q, %v", result.stdout, head, err)
	}

	refused := a.refuse(3, []string{"stage is held", "login fails", "just now", "by octocat", "this is the rejected build", "-lift"}, "release", "-env=stage")
	if strings.Contains(refused.stderr, "▸ build") {
		t.Errorf("an image was built that may not be deployed:\n%s", refused.stderr)
	}
	a.refuse(3, []string{"stage is held"}, "bump", "-env=stage")

	a.succeed("rollback", "-env=stage")
	a.wantTags(example.ValuesPath, stageTag(first))
	a.refuse(3, []string{"found no state 5 steps back"}, "rollback", "-env=stage", "-steps=5")

	fourth := a.next("fourth")
	a.wantTags(example.ValuesPath, stageTag(fourth))
	a.wantMessage("deploy(stage): frontend "+fourth, "Astrago-Lifted: frontend")
	if _, err := a.github.File(example.Deployment, "refs/heads/"+example.Branch, ".astrago/holds/stage/frontend.yaml"); err == nil {
		t.Error("the hold is still there")
	}
}

// TestRollbackTo names what is wanted in each way.
func TestRollbackTo(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("frontend")
	first := a.next("first")
	deployed := strings.TrimSpace(a.run("release", "-env=stage").stdout)
	a.next("second")
	third := a.next("third")
	for _, to := range []string{stageTag(first), first, deployed} {
		a.succeed("rollback", "-env=stage", "-to="+to)
		a.wantTags(example.ValuesPath, stageTag(first))
		commits := len(a.log())
		a.succeed("rollback", "-env=stage", "-to="+to).says(t, "nothing to do")
		if len(a.log()) != commits {
			t.Error("the repetition made a commit")
		}
		a.succeed("hold", "-env=stage", "-lift")
		a.succeed("release", "-env=stage")
		a.wantTags(example.ValuesPath, stageTag(third))
	}
	a.succeed("rollback", "-env=stage", "-steps=1") // what was taken back since is no step
	a.wantTags(example.ValuesPath, stageTag(first))
	a.refuse(3, []string{"none of", "had it"}, "rollback", "-env=stage", "-to=frontend-stage-ffffffff")
	a.refuse(2, []string{"exclude each other"}, "rollback", "-env=stage", "-to=x", "-steps=2")
	a.refuse(2, []string{"-1 is not a number of states", "write 1 or more"}, "rollback", "-env=stage", "-steps=-1")
}

// TestRollbackOfAnImageThatIsGone names the way further back.
func TestRollbackOfAnImageThatIsGone(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("frontend")
	first, second := a.next("first"), a.next("second")
	a.next("third")
	a.registry.Inject(registry.On(http.MethodHead, registry.Manifest, func(w http.ResponseWriter, _ *http.Request, r registry.Request) bool {
		gone := r.Target == stageTag(second)
		if gone {
			w.WriteHeader(http.StatusNotFound)
		}
		return gone
	}))
	commits := len(a.log())
	a.refuse(3, []string{stageTag(second), "the registry has no such image", "-steps=2"}, "rollback", "-env=stage")
	if len(a.log()) != commits {
		t.Error("there is a commit")
	}
	a.succeed("rollback", "-env=stage", "-steps=2")
	a.wantTags(example.ValuesPath, stageTag(first))
}

// TestRollbackBeforeOurTime restores values that were set by hand.
func TestRollbackBeforeOurTime(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("frontend")
	var shas []string
	for _, content := range []string{"first", "second"} {
		a.write("src/x.txt", content)
		a.commit(content)
		a.succeed("build")
		a.succeed("push")
		shas = append(shas, a.shortSHA())
		a.put(map[string]string{example.ValuesPath: strings.Replace(a.initial(), "frontend-stage-00000000", stageTag(a.shortSHA()), 1)})
	}
	a.succeed("rollback", "-env=stage")
	a.wantTags(example.ValuesPath, stageTag(shas[0]))
	a.wantMessage("rollback(stage): frontend to " + shas[0])
	a.refuse(3, []string{"this is the rejected build"}, "release", "-env=stage")
}

// TestRollbackOfOneOfTwoServices leaves the other service's values alone, which the same file holds.
func TestRollbackOfOneOfTwoServices(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	backend, frontend := w.application("backend"), w.application("frontend")
	older := backend.next("first")
	frontend.next("first")
	backend.next("second")
	front := frontend.next("second")
	backend.succeed("rollback", "-env=stage")
	w.wantTags(example.ValuesPath, "core-stage-"+older, "batch-stage-"+older, "monitor-stage-"+older, stageTag(front))
	frontend.next("third")
	backend.refuse(3, []string{"core is held", "batch is held", "monitor is held"}, "release", "-env=stage")

	backend.succeed("hold", "-env=stage", "-lift")
	newer := backend.next("third")
	backend.succeed("rollback", "-env=stage", "-only=core")
	w.wantTags(example.ValuesPath, "batch-stage-"+newer, "monitor-stage-"+newer)
	if strings.Contains(w.values(), "core-stage-"+newer) {
		t.Errorf("core was not taken back:\n%s", w.values())
	}
}

// TestRollbackRacesABump lets a newer build be deployed between the rollback's read and its commit, and the other way round.
func TestRollbackRacesABump(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("frontend")
	first, second := a.next("first"), a.next("second")
	remove := a.github.Intercept(github.On(mutation, 1, github.Action{Before: func() {
		a.put(map[string]string{"README.md": "rendered"}) // anything
	}}))
	a.succeed("rollback", "-env=stage")
	remove()
	a.wantTags(example.ValuesPath, stageTag(first))
	a.succeed("hold", "-env=stage", "-lift")

	// The workflow of the rejected build is about to commit when it is rolled back and held.
	reached, over := make(chan struct{}), make(chan struct{})
	remove = a.github.Intercept(github.On(mutation, 1, github.Action{Before: func() { close(reached); <-over }}))
	run := a.start("release", "-env=stage")
	<-reached
	a.put(map[string]string{".astrago/holds/stage/frontend.yaml": "holds:\n- component: frontend\n  tag: " + stageTag(second) +
		"\n  until: lift\n  since: 2026-01-02T03:04:05Z\n  by: kim\n  reason: login fails\n"})
	close(over)
	result := run.wait()
	remove()
	if result.code != 3 {
		t.Errorf("exit code %d", result.code)
	}
	result.says(t, "stage is held", "by kim", "2026-01-02", "login fails")
	a.wantTags(example.ValuesPath, stageTag(first))
}

// TestRollbackKilled is a job of a workflow that is killed after its commit, and runs again: it does not go back once more.
func TestRollbackKilled(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("frontend")
	a.next("first")
	second := a.next("second")
	a.next("third")
	a.env = []string{"GITHUB_REPOSITORY=acme/frontend", "GITHUB_RUN_ID=42", "GITHUB_ACTOR=kim"}
	reached, over := make(chan struct{}), make(chan struct{})
	remove := a.github.Intercept(github.On(mutation, 1, github.Action{After: func() { close(reached); <-over }, Cut: github.CutAnswer}))
	run := a.start("rollback", "-env=stage")
	<-reached
	run.signal(syscall.SIGKILL)
	run.wait()
	close(over)
	remove()
	commits := len(a.log())
	a.succeed("rollback", "-env=stage").says(t, "nothing to do")
	a.wantTags(example.ValuesPath, stageTag(second))
	if len(a.log()) != commits {
		t.Errorf("history %q", a.log())
	}
	a.refuse(3, []string{"by kim"}, "release", "-env=stage")
}

// TestRollbackByPullRequest holds nothing until it is merged.
func TestRollbackByPullRequest(t *testing.T) {
	t.Parallel()
	a := reviewed(t, "{ autoMerge: false }")
	first := a.shortSHA()
	a.succeed("release")
	a.call(http.MethodPut, "/pulls/1/merge", map[string]string{"merge_method": "squash"}, &struct{}{})
	a.write("src/style.css", "a { color: red }")
	a.commit("make it red")
	a.succeed("release")
	a.call(http.MethodPut, "/pulls/2/merge", map[string]string{"merge_method": "squash"}, &struct{}{})
	result := a.succeed("rollback", "-env=stage", "-reason=too red")
	result.says(t, "pull request #3", "until the pull request is merged")
	if got := a.pull("3"); got.Title != "rollback(stage): frontend to "+first || got.Files != 2 || !strings.Contains(got.Body, "frontend is held from the merge on: too red") {
		t.Errorf("pull request %+v", got)
	}
	a.succeed("release") // the same values are deployed, and nothing is held yet
	a.call(http.MethodPut, "/pulls/3/merge", map[string]string{"merge_method": "squash"}, &struct{}{})
	a.refuse(3, []string{"stage is held", "too red"}, "release")
}

// TestRollbackOfSeveralDeployments finishes what a killed rollback began.
func TestRollbackOfSeveralDeployments(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.application("frontend")
	const other = "acme/disaster-recovery"
	_, err := w.github.CreateRepository(t.Context(), other, "main", map[string][]byte{"values.yaml": []byte("frontend: 'frontend-stage-00000000'\n")})
	w.must(err)
	w.github.Grant(w.deployToken, other, github.Permissions{Contents: github.Write})
	a.replace("astrago.yaml", "    deploy:\n      repository: acme/deployment", "    deploy:\n    - repository: acme/deployment")
	a.write("astrago.yaml", strings.TrimRight(readFile(t, a.dir+"/astrago.yaml"), "\n")+
		"\n    - { repository: acme/disaster-recovery, branch: main, file: values.yaml, set: '.{{ .Component }} = \"{{ .Tag }}\"' }\n")
	first, second := a.next("first"), a.next("second")
	there := func() string {
		data, err := w.github.File(other, "refs/heads/main", "values.yaml")
		w.must(err)
		return string(data)
	}
	if !strings.Contains(there(), second) {
		t.Fatalf("the second repository has\n%s", there())
	}
	remove := a.github.Intercept(github.On(mutation, 2, github.Action{Reply: &github.Reply{Status: 422, Body: `{"message":"no"}`}}))
	summary := filepath.Join(t.TempDir(), "summary")
	a.env = append(a.env, "GITHUB_STEP_SUMMARY="+summary)
	failed := a.run("rollback", "-env=stage", "-steps=1", "-reason=it's x", "-json")
	remove()
	if failed.code != 1 {
		t.Errorf("exit code %d\n%s", failed.code, failed.stderr)
	}
	var report struct {
		Next  string
		Error struct{ Remedy string }
	}
	a.must(json.Unmarshal([]byte(failed.stdout), &report))
	if !regexp.MustCompile(`^mage rollback -env=stage -to=[0-9a-f]{40} -reason='it'\\''s x'$`).MatchString(report.Next) || report.Error.Remedy != report.Next {
		t.Errorf("it goes on with %q, and the remedy is %q", report.Next, report.Error.Remedy)
	}
	failed.says(t, "→ "+report.Next)
	if to := regexp.MustCompile(`-to=[0-9a-f]{40}`).FindString(report.Next); !strings.Contains(readFile(t, summary), to) {
		t.Errorf("the job summary does not say %q:\n%s", to, readFile(t, summary))
	}
	commits := len(a.log())
	a.succeed("rollback", "-env=stage", "-reason=it's x")
	if len(a.log()) != commits || !strings.Contains(there(), first) {
		t.Errorf("history %q, the second repository has\n%s", a.log(), there())
	}
	a.wantTags(example.ValuesPath, stageTag(first))
	a.refuse(3, []string{"stage is held"}, "release", "-env=stage")
}
