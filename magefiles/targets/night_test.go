package targets_test

import (
	"net/http"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/argocd"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// TestARollbackThatIsCancelledSaysHowToGoOn: the same command would go back once more.
func TestARollbackThatIsCancelledSaysHowToGoOn(t *testing.T) {
	t.Parallel()
	a := newWorld(t).awaited("frontend")
	first := a.next("first")
	a.next("second")
	reached, over := make(chan struct{}), make(chan struct{})
	remove := a.github.Intercept(github.On(mutation, 1, github.Action{After: func() { close(reached); <-over }, Cut: github.CutAnswer}))
	run := a.start("rollback", "-env=stage", "-reason=it's late")
	<-reached
	run.signal(syscall.SIGTERM)
	result := run.wait()
	close(over)
	remove()
	continued := regexp.MustCompile(`→ mage (rollback -env=stage -to=[0-9a-f]{40}) -reason='it'\\''s late'`).FindStringSubmatch(result.stderr)
	if result.code != 143 || continued == nil || strings.Contains(result.stderr, "run the same command again") {
		t.Fatalf("exit code %d\n%s", result.code, result.stderr)
	}
	commits := len(a.log())
	a.last = argocd.Becomes("Progressing", "0 of 1 updated replicas are available")
	again := a.start(strings.Fields(continued[1])...)
	again.stderr.until(t, "0 of 1 updated replicas")
	again.signal(syscall.SIGINT)
	if result := again.wait(); result.code != 130 || !strings.Contains(result.stderr, "→ mage wait -env=stage") {
		t.Errorf("exit code %d\n%s", result.code, result.stderr)
	}
	if len(a.log()) != commits {
		t.Errorf("history %q", a.log())
	}
	a.wantTags(example.ValuesPath, stageTag(first))
	a.refuse(3, []string{"it's late", "this is the rejected build"}, "release")
}

// night is two services in one file, one of which has a bad night.
type night struct {
	*application
	other string // what the values say of the other service
}

func newNight(t *testing.T) *night {
	t.Helper()
	w := newWorld(t)
	n := &night{application: w.withProd("backend", "")}
	w.github.Grant(w.deployToken, example.Deployment, github.Permissions{Contents: github.Write, PullRequests: github.Write})
	data := readFile(t, n.dir+"/astrago.yaml")
	at := strings.LastIndex(data, "      file:")
	n.write("astrago.yaml", data[:at]+"      mode: pull-request\n"+data[at:])
	w.application("frontend").next("front")
	n.other = strings.Join(n.foreign(example.ValuesPath), "\n")
	return n
}

// foreign are the lines of a values file that this service does not set.
func (n *night) foreign(path string) []string {
	var lines []string
	for line := range strings.Lines(n.file(path)) {
		if !regexp.MustCompile(`(core|batch|monitor)-(stage|prod)-[0-9a-f]{8}`).MatchString(line) {
			lines = append(lines, line)
		}
	}
	return lines
}

// merge is a colleague's, in prod.
func (n *night) merge(number string) {
	n.t.Helper()
	n.call(http.MethodPut, "/pulls/"+number+"/merge", map[string]string{"merge_method": "squash"}, &struct{}{})
}

// deployed checks what an environment has of all components, and that nobody touched the other service.
func (n *night) deployed(path, environment, sha string) {
	n.t.Helper()
	n.wantTags(path, "core-"+environment+"-"+sha, "batch-"+environment+"-"+sha, "monitor-"+environment+"-"+sha)
	if got := strings.Join(n.foreign(example.ValuesPath), "\n"); got != n.other {
		n.t.Errorf("the other service's values were\n%s\nand are\n%s", n.other, got)
	}
	n.log() // git fsck
}

// TestOneNight is a bad release, from the alarm to the fix in production.
func TestOneNight(t *testing.T) {
	t.Parallel()
	n := newNight(t)
	good := n.next("good")
	n.succeed("promote", "-env=prod").says(t, "pull request #1, to be merged", "promote of backend in prod proposed")
	n.merge("1")
	n.deployed(prodPath, "prod", good)
	bad := n.next("bad")
	n.succeed("promote", "-env=prod").says(t, "pull request #2")
	n.merge("2")

	n.env = []string{"GITHUB_ACTOR=kim"}
	n.succeed("hold", "-env=stage").says(t, "nothing of backend in stage is held")
	n.succeed("rollback", "-env=stage", "-reason=login fails").says(t, "back to batch-stage-"+good, "core-stage-"+bad, "held against", "mage hold -env=stage -lift", "rolled back backend in stage")
	n.deployed(example.ValuesPath, "stage", good)
	n.succeed("rollback", "-env=prod", "-reason=login fails").says(t, "pull request #3", "prod will be held, from the merge on, against core-prod-"+bad, "nothing is changed or held until the pull request is merged")
	n.deployed(prodPath, "prod", bad)
	n.merge("3")
	n.deployed(prodPath, "prod", good)

	n.env = nil // the workflow of the bad build runs again
	n.refuse(3, []string{"stage is held", "by kim", "rejecting core-stage-" + bad, "login fails", "this is the rejected build", "→ release a commit that descends"}, "release", "-env=stage")
	n.deployed(example.ValuesPath, "stage", good)

	fix := n.next("fix")
	n.deployed(example.ValuesPath, "stage", fix)
	n.succeed("hold", "-env=stage").says(t, "nothing of backend in stage is held")
	n.promoteInTwoSteps("4", fix)
	n.succeed("hold", "-env=prod").says(t, "nothing of backend in prod is held")
}

// promoteInTwoSteps is cancelled between the tags and the proposal.
func (n *night) promoteInTwoSteps(pull, sha string) {
	n.t.Helper()
	reached, over := make(chan struct{}), make(chan struct{})
	remove := n.github.Intercept(github.On(mutation, 1, github.Action{Before: func() { close(reached); <-over }, Reply: &github.Reply{Status: http.StatusBadGateway, Body: "{}"}}))
	run := n.start("promote", "-env=prod")
	<-reached
	run.signal(syscall.SIGTERM)
	result := run.wait()
	close(over)
	remove()
	if result.code != 143 {
		n.t.Errorf("exit code %d", result.code)
	}
	result.says(n.t, "✓ tag", "cancelled by SIGTERM", "→ mage promote -env=prod")
	manifests := n.registry.Count(http.MethodPut, registry.Manifest)
	n.succeed("promote", "-env=prod").says(n.t, "pull request #"+pull)
	if got := n.registry.Count(http.MethodPut, registry.Manifest); got != manifests {
		n.t.Errorf("%d tags were put again", got-manifests)
	}
	n.merge(pull)
	n.deployed(prodPath, "prod", sha)
}

// TestOneNightUntilSomebodyLifts is the same where only a person ends a hold.
func TestOneNightUntilSomebodyLifts(t *testing.T) {
	t.Parallel()
	n := newNight(t)
	n.replace("astrago.yaml", "  stage:", "  stage:\n    hold: { until: lift }")
	good := n.next("good")
	n.next("bad")
	n.succeed("rollback", "-env=stage", "-reason=login fails").says(t, "until it is lifted")
	n.write("src/core.txt", "fix")
	n.commit("fix")
	refused := n.refuse(3, []string{"no build is taken until it is lifted", "→ lift the hold: mage hold -env=stage -only=core,batch,monitor -lift"}, "release", "-env=stage")
	if strings.Contains(refused.stderr, "that ends the hold") {
		t.Errorf("it advises what is refused:\n%s", refused.stderr)
	}
	n.deployed(example.ValuesPath, "stage", good)
	if shown := n.succeed("hold", "-env=stage").stdout; strings.Count(shown, "until it is lifted: login fails") != 3 {
		t.Errorf("it shows\n%s", shown)
	}
	n.succeed("hold", "-env=stage", "-lift").says(t, "the hold of backend in stage is lifted")
	n.succeed("release", "-env=stage")
	n.deployed(example.ValuesPath, "stage", n.shortSHA())
}
