package targets_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

// history makes a second commit and gives the ids of both; the second is checked out.
func (a *application) history() (older, newer string) {
	a.t.Helper()
	older = a.shortSHA()
	a.write("src/style.css", "a { color: red }")
	a.commit("make it red")
	return older, a.shortSHA()
}

// TestOlderBuild runs the workflow of an older commit after that of a newer one: it is stopped before anything is built.
func TestOlderBuild(t *testing.T) {
	a := newWorld(t).application("frontend")
	older, newer := a.history()
	a.succeed("release")
	git(t, a.dir, "checkout", "-q", older)

	result := a.refuse(3, []string{
		"a newer build is deployed", "commit " + newer, "make it red", "set just now by octocat", "-force",
	}, "release", "-env=stage")
	if strings.Contains(result.stderr, "▸ build") {
		t.Errorf("an image was built that could not be deployed:\n%s", result.stderr)
	}
	a.refuse(3, []string{"a newer build is deployed"}, "release", "-env=stage", "-dryRun")
	if len(a.log()) != 2 {
		t.Errorf("history %q", a.log())
	}

	a.succeed("release", "-env=stage", "-force")
	if want := "deploy(stage): frontend " + older + " (forced)"; a.log()[0] != want || !strings.Contains(a.values(), "frontend-stage-"+older) {
		t.Errorf("history %q, want %q first", a.log(), want)
	}
	out, err := exec.CommandContext(t.Context(), "git", "-C", a.bare, "log", "-1", "--format=%(trailers:key=Astrago-Forced,valueonly)", example.Branch).Output()
	if err != nil || !strings.HasPrefix(string(out), "behind acme/frontend@"+newer) {
		t.Errorf("the commit says that it was forced over %q, %v", out, err)
	}

	git(t, a.dir, "checkout", "-q", example.Branch)
	a.succeed("release") // newer than what was forced, and published already
}

// TestNewerBuildMeanwhile lets the workflow of a newer commit end while ours is about to commit.
func TestNewerBuildMeanwhile(t *testing.T) {
	a := newWorld(t).application("frontend")
	older, newer := a.history()
	git(t, a.dir, "checkout", "-q", older)
	defer a.github.Intercept(github.On(mutation, 1, github.Action{Before: func() {
		moved := strings.Replace(a.values(), "frontend-stage-00000000", "frontend-stage-"+newer, 1)
		_, err := a.github.Commit(t.Context(), example.Deployment, example.Branch, "deploy(stage): frontend "+newer, map[string][]byte{example.ValuesPath: []byte(moved)})
		a.must(err)
	}}))()
	a.refuse(3, []string{"a newer build is deployed", newer}, "release", "-env=stage")
	if !strings.Contains(a.values(), newer) {
		t.Errorf("the newer build is lost:\n%s", a.values())
	}
}

// TestOrderInAShallowClone checks out as workflows do, with one commit: GitHub is asked for the rest.
func TestOrderInAShallowClone(t *testing.T) {
	a := newWorld(t).application("frontend")
	older, newer := a.history()
	a.succeed("release")
	const repository, token = example.Owner + "/frontend", "github-token-of-a-workflow"
	hosted, err := a.github.CreateRepository(t.Context(), repository, "unused", map[string][]byte{"x": nil})
	a.must(err)
	git(t, a.dir, "push", "-q", hosted, example.Branch)
	git(t, a.dir, "branch", "older", older)
	clone := filepath.Join(t.TempDir(), "clone")
	git(t, a.dir, "clone", "-q", "--depth=1", "--branch=older", "file://"+a.dir, clone)
	git(t, clone, "remote", "set-url", "origin", "https://github.com/"+repository+".git")
	shallow := &application{world: a.world, name: a.name, dir: clone}

	shallow.env = []string{"GITHUB_TOKEN=" + token}
	shallow.refuse(1, []string{"GITHUB_TOKEN", "Contents: read", "fetch-depth: 0"}, "release", "-env=stage")
	a.github.Grant(token, repository, github.Permissions{Contents: github.Read})
	shallow.refuse(3, []string{"a newer build is deployed", newer, "make it red"}, "release", "-env=stage")

	shallow.env = nil // DEPLOY_TOKEN cannot see the application repository
	result := shallow.succeed("release", "-env=stage")
	if !strings.Contains(result.stderr, "without GITHUB_TOKEN nobody may ask GitHub") {
		t.Errorf("the release does not say that the order is unknown:\n%s", result.stderr)
	}
}

// TestDivergedBuild releases a hotfix that does not contain what is deployed.
func TestDivergedBuild(t *testing.T) {
	a := newWorld(t).application("frontend")
	older, newer := a.history()
	a.succeed("release")
	git(t, a.dir, "checkout", "-q", "-b", "hotfix", older)
	a.replace("astrago.yaml", "file:", "diverged: refuse\n      file:")
	a.commit("hotfix")
	a.refuse(3, []string{"another line of history", newer, "-force"}, "release", "-env=stage")
	a.replace("astrago.yaml", "diverged: refuse", "diverged: allow")
	a.commit("hotfix, allowed")
	if result := a.succeed("release", "-env=stage"); !strings.Contains(result.stderr, "another line of history") {
		t.Errorf("the release does not say what it replaces:\n%s", result.stderr)
	}
}
