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
	t.Parallel()
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
	t.Parallel()
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
	t.Parallel()
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
	unknown := []string{"cannot be compared with " + older, "GITHUB_TOKEN and DEPLOY_TOKEN may not see " + repository, "Contents: read", "fetch-depth: 0", "-force"}
	shallow.refuse(3, unknown, "release", "-env=stage")
	a.github.Grant(token, repository, github.Permissions{Contents: github.Read})
	shallow.refuse(3, []string{"a newer build is deployed", newer, "make it red"}, "release", "-env=stage")

	shallow.env = []string{"GITHUB_TOKEN=of-something-else"}
	a.github.Grant(a.deployToken, repository, github.Permissions{Contents: github.Read})
	shallow.refuse(3, []string{"a newer build is deployed", newer, "make it red"}, "release", "-env=stage") // another token may look
}

// TestOrderInACloneThatHasNotFetched has one clone on a laptop, and another that released what the first has never seen. The
// laptop learns it from origin; where it cannot, nothing is replaced.
func TestOrderInACloneThatHasNotFetched(t *testing.T) {
	t.Parallel()
	for _, api := range []string{"graphql", "rest"} {
		t.Run(api, func(t *testing.T) {
			a := newWorld(t).application("frontend")
			a.replace("astrago.yaml", "      file:", "      api: "+api+"\n      file:")
			a.commit("choose the API")
			upstream, laptop := filepath.Join(t.TempDir(), "upstream.git"), &application{world: a.world, name: a.name, dir: filepath.Join(t.TempDir(), "laptop")}
			git(t, a.dir, "clone", "-q", "--bare", a.dir, upstream)
			git(t, a.dir, "clone", "-q", "file://"+upstream, laptop.dir)
			laptop.env = []string{"GITHUB_REPOSITORY=" + example.Owner + "/frontend"} // origin is a directory here
			older, newer := a.history()
			a.succeed("release")
			laptop.write("src/other.css", "b {}")
			laptop.commit("beside it")

			words := []string{"frontend from commit " + newer, "set just now by octocat", "this clone has no such commit", "git fetch", "GITHUB_TOKEN", "-force"}
			for _, args := range [][]string{{"release"}, {"release", "-dryRun"}, {"bump", "-dryRun"}} {
				git(t, laptop.dir, "checkout", "-q", older)
				laptop.refuse(3, words, append(args, "-env=stage")...)
			}
			git(t, a.dir, "push", "-q", upstream, example.Branch)
			laptop.refuse(3, []string{"a newer build is deployed", newer, "make it red"}, "release", "-env=stage")
			if got := a.values(); !strings.Contains(got, "frontend-stage-"+newer) {
				t.Errorf("values\n%s", got)
			}
			git(t, laptop.dir, "checkout", "-q", example.Branch)
			result := laptop.succeed("release", "-dryRun")
			result.says(t, "another line of history", "diverged: allow")
			laptop.succeed("release").says(t, "another line of history", "diverged: allow")
		})
	}
}

// TestTagThatNamesNoCommit replaces what was set before us, and nothing that was set since the commit was made.
func TestTagThatNamesNoCommit(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("frontend")
	a.put(map[string]string{example.ValuesPath: strings.Replace(a.initial(), "frontend-stage-00000000", "v1.2", 1)})
	words := []string{"frontend: its value names no commit", "set just now by", "commit " + a.shortSHA() + " is older than that", "-force"}
	a.refuse(3, words, "release", "-dryRun")
	a.refuse(3, words, "release")
	a.write("src/new.css", "")
	git(t, a.dir, "add", "--all")
	made := exec.CommandContext(t.Context(), "git", "-C", a.dir, "-c", "user.name=kim", "-c", "user.email=kim@example.com", "commit", "-q", "-m", "made now")
	if out, err := made.CombinedOutput(); err != nil {
		t.Fatalf("git commit: %v\n%s", err, out)
	}
	a.succeed("release", "-dryRun").says(t, "was made later, and replaces it")
	a.succeed("release").says(t, "was made later, and replaces it")
}

// TestDivergedBuild releases a hotfix that does not contain what is deployed.
func TestDivergedBuild(t *testing.T) {
	t.Parallel()
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
