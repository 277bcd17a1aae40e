package targets_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// nothing checks that a run left nothing behind.
func (a *application) nothing() {
	a.t.Helper()
	if a.pushed(a.name) {
		a.t.Error("something was pushed")
	}
	if got := a.log(); len(got) != 1 {
		a.t.Errorf("something was committed: %q", got)
	}
}

func TestFailingStep(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("backend")
	a.replace("docker/batch/Dockerfile", `RUN write /app/started.txt "batch starts here"`, "RUN warn no such luck && exit 42")
	a.commit("break batch")
	result := a.refuse(1, []string{"docker/batch/Dockerfile:4", ">>> RUN warn no such luck", "exit code: 42"}, "release")
	if got := strings.Count(result.stderr, "\n      no such luck") + strings.Count(result.stderr, "no such luck\n"); got < 1 {
		t.Errorf("the step's output is not shown:\n%s", result.stderr)
	}
	if log := a.log(); a.anyTag("backend") || len(log) != 1 {
		t.Errorf("a tag was pushed: %t, or something was committed: %q", a.anyTag("backend"), log)
	}
}

func TestDirtyTree(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("backend")
	a.write("src/core.txt", "not committed")
	a.write("새 파일.txt", "untracked")
	for _, command := range []string{"push", "bump", "release"} {
		a.refuse(3, []string{"src/core.txt", "새 파일.txt", "commit or stash"}, command)
	}
	a.nothing()
	built := a.succeed("build").stdout
	for line := range strings.Lines(built) {
		if !strings.Contains(line, "-stage-"+a.shortSHA()+"-dirty@sha256:") {
			t.Errorf("the image of a dirty tree is named %s", line)
		}
	}
}

// TestPrepareThatChangesTrackedFiles stops before anything is pushed: the images are not those of the commit.
func TestPrepareThatChangesTrackedFiles(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("backend")
	a.replace("astrago.yaml", "prepare: ", "prepare:\n  - echo changed >> src/core.txt\n#")
	a.commit("a bad prepare")
	a.refuse(3, []string{"refusing to push", "src/core.txt"}, "release")
	a.nothing()
}

func TestFailingPrepare(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("backend")
	a.replace("astrago.yaml", "prepare: ", "prepare:\n  - echo compiling && exit 9\n#")
	a.commit("a failing prepare")
	a.refuse(1, []string{"compiling", "exit code 9"}, "release")
	a.nothing()
}

// TestMissingKey fails before anything is built: a typo must not deploy nothing.
func TestMissingKey(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("frontend")
	a.replace("astrago.yaml", ".imageTag", ".imagTag")
	a.commit("a typo")
	result := a.refuse(3, []string{"imagTag", example.Deployment + "@" + example.Branch + ":" + example.ValuesPath}, "release")
	if strings.Contains(result.stderr, "▸ build") {
		t.Errorf("the images were built before the key was looked for:\n%s", result.stderr)
	}
	a.nothing()
}

// TestMovedTag finds our tag in the registry with another content.
func TestMovedTag(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("frontend")
	image, err := registry.Image(map[string][]byte{"bin/other": []byte("x")})
	a.must(err)
	ref := a.registry.Addr() + "/" + example.Owner + "/frontend:frontend-stage-" + a.shortSHA()
	_, err = registry.Push(t.Context(), ref, image, "dev", a.registryToken)
	a.must(err)
	a.refuse(3, []string{ref, "another image"}, "release")
	a.succeed("build")
	a.refuse(3, []string{ref}, "push")
	a.refuse(3, []string{ref}, "bump")
	if len(a.log()) != 1 {
		t.Errorf("history %q", a.log())
	}
}

func TestWrongRegistryToken(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("frontend")
	a.env = []string{"GHCR_TOKEN=wrong-token-wrong"}
	result := a.refuse(1, []string{"GHCR_TOKEN", "mistyped, expired or revoked", "acme/frontend"}, "release")
	if strings.Contains(result.stderr, "wrong-token-wrong") {
		t.Errorf("the token is shown:\n%s", result.stderr)
	}
	a.nothing()
}

func TestRegistryTokenThatMayOnlyPull(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("frontend")
	a.registry.AddUser("dev", a.registryToken, registry.Grant{Repository: example.Owner + "/*"})
	result := a.refuse(1, []string{"GHCR_TOKEN", "the right to push", "acme/frontend"}, "release")
	if strings.Contains(result.stderr, "▸ build") {
		t.Errorf("the images were built before the token was tried:\n%s", result.stderr)
	}
	a.nothing()
}

func TestWrongDeployToken(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("frontend")
	a.env = []string{"DEPLOY_TOKEN=wrong-token-wrong"}
	a.refuse(1, []string{"DEPLOY_TOKEN", "ontents"}, "release")
	a.env = []string{"DEPLOY_TOKEN="}
	a.refuse(2, []string{"DEPLOY_TOKEN"}, "release")
	a.nothing()
}

func TestDeployTokenThatMayOnlyRead(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("frontend")
	a.github.Grant(a.deployToken, example.Deployment, github.Permissions{Contents: github.Read})
	result := a.refuse(1, []string{"DEPLOY_TOKEN", "ontents"}, "release")
	if strings.Contains(result.stderr, "▸ build") {
		t.Errorf("the images were built before the token was tried:\n%s", result.stderr)
	}
	a.nothing()
}

func TestWrongConfiguration(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("backend")
	a.refuse(2, []string{"`core`"}, "release", "-only=cor")
	a.refuse(2, []string{"stage"}, "release", "-env=prod")
	a.replace("astrago.yaml", "service:", "servise:")
	a.refuse(2, []string{"astrago.yaml:2:1", "servise", "service"}, "plan")
	a.must(os.Remove(filepath.Join(a.dir, "astrago.yaml")))
	a.refuse(2, []string{"looking for astrago.yaml"}, "plan")
	a.nothing()
}
