package targets_test

import (
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// digestOf returns the digest of the newest commit's image of a component.
func (w *world) digestOf(component string) string {
	w.t.Helper()
	_, rest, _ := strings.Cut(w.message(), "Astrago-Image: "+component+" ")
	line, _, _ := strings.Cut(rest, "\n")
	_, digest, _ := strings.Cut(line, "@")
	return digest
}

// TestPromote takes what stage has to prod: the same digests, no bytes of content, one commit.
func TestPromote(t *testing.T) {
	t.Parallel()
	a := newWorld(t).withProd("backend", "")
	sha := a.next("first")
	digest, uploads, before := a.digestOf("core"), a.registry.Count(http.MethodPut, registry.Upload), a.values()
	a.write("left lying around", "not committed")
	git(t, a.dir, "checkout", "-q", "--detach", "HEAD~1") // neither the tree nor the commit matters

	dry := a.succeed("promote", "-env=prod", "-dryRun")
	dry.says(t, "dry run", "+ core-prod-"+sha, "promoted from stage to prod")
	if strings.Contains(a.file(prodPath), sha) || dry.stdout != "" {
		t.Errorf("the dry run changed something, or has a result: %q", dry.stdout)
	}
	result := a.succeed("promote", "-env=prod")
	result.says(t, "backend is promoted from stage to prod")
	a.wantTags(prodPath, "core-prod-"+sha, "batch-prod-"+sha, "monitor-prod-"+sha, "frontend-prod-00000000")
	a.wantMessage("deploy(prod): backend "+sha+" from stage", "Astrago-Environment: prod", "Astrago-Source: acme/backend@"+sha, "Astrago-Promoted: stage acme/deployment@")
	if got := a.digestOf("core"); got != digest || got == "" {
		t.Errorf("prod has %s, stage %s", got, digest)
	}
	if head, err := a.github.Head(example.Deployment, example.Branch); err != nil || strings.TrimSpace(result.stdout) != head {
		t.Errorf("standard output %q, head %q, %v", result.stdout, head, err)
	}
	if got := a.registry.Count(http.MethodPut, registry.Upload); got != uploads {
		t.Errorf("%d blobs were sent", got-uploads)
	}
	if a.values() != before {
		t.Error("stage was changed")
	}
	commits := len(a.log())
	a.succeed("promote", "-env=prod").says(t, "nothing to do")
	if len(a.log()) != commits {
		t.Error("the repetition made a commit")
	}
}

// TestPromoteComponentsOfSeveralCommits records the commit of each.
func TestPromoteComponentsOfSeveralCommits(t *testing.T) {
	t.Parallel()
	a := newWorld(t).withProd("backend", "")
	older := a.next("first")
	newer := a.next("second", "-only=core")
	a.succeed("promote", "-env=prod")
	a.wantTags(prodPath, "core-prod-"+newer, "batch-prod-"+older)
	a.wantMessage("deploy(prod): backend " + newer + ", " + older + " from stage")
	for _, line := range []string{newer, older} {
		if !strings.Contains(a.message(), "Astrago-Source: acme/backend@"+line) {
			t.Errorf("the message does not name %s:\n%s", line, a.message())
		}
	}
	third := a.next("third", "-only=core")
	a.succeed("promote", "-env=prod", "-only=core")
	a.wantTags(prodPath, "core-prod-"+third, "batch-prod-"+older)
}

// TestPromoteRefusesAMovedTag finds an image in stage that nobody tested there.
func TestPromoteRefusesAMovedTag(t *testing.T) {
	t.Parallel()
	a := newWorld(t).withProd("frontend", "")
	sha := a.next("first")
	digest := a.digestOf("frontend")
	image, err := registry.Image(map[string][]byte{"/evil": []byte("evil")})
	a.must(err)
	moved, err := registry.Push(t.Context(), a.registry.Addr()+"/acme/frontend:frontend-stage-"+sha, image, "dev", a.registryToken)
	a.must(err)
	_, hex, _ := strings.Cut(moved, "sha256:")
	commits := len(a.log())
	a.refuse(3, []string{"the tag names another image", digest, hex}, "promote", "-env=prod")
	if len(a.log()) != commits || a.registry.Count(http.MethodPut, registry.Manifest) == 0 {
		t.Error("something was committed")
	}
}

// TestPromoteWithoutTrailers takes tags that were set by hand: the image itself knows its commit.
func TestPromoteWithoutTrailers(t *testing.T) {
	t.Parallel()
	a := newWorld(t).withProd("frontend", "")
	a.succeed("build", "-env=stage")
	a.succeed("push", "-env=stage")
	a.refuse(3, []string{"the registry has no such image", "frontend-stage-00000000"}, "promote", "-env=prod")
	a.put(map[string]string{example.ValuesPath: strings.Replace(a.values(), "frontend-stage-00000000", "frontend-stage-"+a.shortSHA(), 1)})
	a.succeed("promote", "-env=prod").says(t, "no bump of stage recorded frontend-stage-"+a.shortSHA())
	a.wantTags(prodPath, "frontend-prod-"+a.shortSHA())
}

// TestPromoteWhereTagsNameNoEnvironment has nothing to tag.
func TestPromoteWhereTagsNameNoEnvironment(t *testing.T) {
	t.Parallel()
	a := newWorld(t).withProd("frontend", "")
	a.replace("astrago.yaml", "components:", "tag: 'v-{{ .ShortSHA }}'\ncomponents:")
	sha := a.next("first")
	manifests := a.registry.Count(http.MethodPut, registry.Manifest)
	a.succeed("promote", "-env=prod")
	a.wantTags(prodPath, "'v-"+sha)
	if got := a.registry.Count(http.MethodPut, registry.Manifest); got != manifests {
		t.Errorf("%d manifests were put", got-manifests)
	}
}

// TestPromoteAnOlderBuild is stopped by the guard of releases.
func TestPromoteAnOlderBuild(t *testing.T) {
	t.Parallel()
	a := newWorld(t).withProd("frontend", "")
	older, newer := a.next("first"), a.next("second")
	a.succeed("promote", "-env=prod")
	git(t, a.dir, "checkout", "-q", "--detach", "HEAD~1")
	a.succeed("release", "-env=stage", "-force")
	puts := a.registry.Count(http.MethodPut, registry.Manifest)
	a.refuse(3, []string{"a newer build is deployed", newer, "-force"}, "promote", "-env=prod")
	if a.registry.Count(http.MethodPut, registry.Manifest) != puts {
		t.Error("a tag was put before the refusal")
	}
	a.succeed("promote", "-env=prod", "-force")
	a.wantMessage("deploy(prod): frontend " + older + " from stage (forced)")
}

// TestPromoteUsage names what is missing.
func TestPromoteUsage(t *testing.T) {
	t.Parallel()
	a := newWorld(t).withProd("frontend", "")
	a.refuse(2, []string{"nothing says from where", "-from=stage"}, "promote", "-env=stage")
	a.refuse(2, []string{"cannot be promoted to itself"}, "promote", "-env=stage", "-from=stage")
	a.refuse(2, []string{"did you mean `prod`?"}, "promote", "-env=prd")
}

// TestPromoteKilled stops after the tags are put, and again after the commit: there is one commit in the end.
func TestPromoteKilled(t *testing.T) {
	t.Parallel()
	a := newWorld(t).withProd("frontend", "")
	sha := a.next("first")
	commits := len(a.log())
	for _, committed := range []bool{false, true} { // after the tags, and after the commit
		reached, over := make(chan struct{}), make(chan struct{})
		hook := func() { close(reached); <-over }
		action := github.Action{Before: hook, Reply: &github.Reply{Status: http.StatusBadGateway, Body: "{}"}}
		if committed {
			action = github.Action{After: hook, Cut: github.CutAnswer}
		}
		remove := a.github.Intercept(github.On(mutation, 1, action))
		run := a.start("promote", "-env=prod")
		<-reached
		run.signal(syscall.SIGKILL)
		run.wait()
		close(over)
		remove()
	}
	a.succeed("promote", "-env=prod")
	a.wantTags(prodPath, "frontend-prod-"+sha)
	if got := len(a.log()) - commits; got != 1 {
		t.Errorf("%d commits: %q", got, a.log())
	}
}

// TestPromoteByPullRequest proposes to prod what stage has directly.
func TestPromoteByPullRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.withProd("frontend", "")
	a.github.Grant(a.deployToken, example.Deployment, github.Permissions{Contents: github.Write, PullRequests: github.Write})
	data := readFile(t, a.dir+"/astrago.yaml")
	at := strings.LastIndex(data, "      file:")
	a.write("astrago.yaml", data[:at]+"      mode: pull-request\n"+data[at:])
	sha := a.next("first")
	a.succeed("promote", "-env=prod").says(t, "pull request #1", "promote of frontend in prod proposed")
	if got := a.pull("1"); got.Title != "deploy(prod): frontend "+sha+" from stage" || !strings.Contains(got.Body, "Astrago-Promoted: stage") {
		t.Errorf("pull request %+v", got)
	}
	a.succeed("promote", "-env=prod").says(t, "nothing to do")
}
