package targets_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

// reviewed is an application whose deployment branch takes pull requests only.
func reviewed(t *testing.T, settings string) *application {
	t.Helper()
	a := newWorld(t).application("frontend")
	a.github.Grant(a.deployToken, example.Deployment, github.Permissions{Contents: github.Write, PullRequests: github.Write, Issues: github.Write})
	a.must(a.github.Protect(example.Deployment, example.Branch, github.Ruleset))
	a.replace("astrago.yaml", "      file:", "      mode: pull-request\n      pullRequest: "+settings+"\n      file:")
	a.commit("release by pull request")
	return a
}

// call sends a request to GitHub as the owner of the deployment token.
func (w *world) call(method, path string, body, answer any) {
	w.t.Helper()
	data, err := json.Marshal(body)
	w.must(err)
	request, err := http.NewRequestWithContext(w.t.Context(), method, w.github.URL()+"/repos/"+example.Deployment+path, bytes.NewReader(data))
	w.must(err)
	request.Header.Set("Authorization", "Bearer "+w.deployToken)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	w.must(err)
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		w.t.Fatalf("%s %s: %s", method, path, response.Status)
	}
	w.must(json.NewDecoder(response.Body).Decode(answer))
}

// pull is what a reviewer sees.
type pull struct {
	Title, Body, State string
	Labels             []struct{ Name string }
	Reviewers          []struct{ Login string } `json:"requested_reviewers"`
	Commits            int
	Files              int `json:"changed_files"`
}

func (w *world) pull(number string) (p pull) {
	w.t.Helper()
	w.call(http.MethodGet, "/pulls/"+number, nil, &p)
	return p
}

// TestPullRequest takes a service to an environment that others approve: one pull request, kept up to date until it is merged.
func TestPullRequest(t *testing.T) {
	t.Parallel()
	a := reviewed(t, "{ labels: [deploy], reviewers: [kim] }")
	before := a.values()
	older := a.shortSHA()

	first := a.succeed("release")
	if !strings.Contains(first.stderr, "pull request #1, to be merged: https://github.com/acme/deployment/pull/1") ||
		!strings.Contains(first.stderr, "frontend proposed to stage") {
		t.Errorf("the release does not name the pull request:\n%s", first.stderr)
	}
	if a.values() != before {
		t.Error("the values changed without a review")
	}
	got := a.pull("1")
	if got.Title != "deploy(stage): frontend "+older || got.Commits != 1 || got.Files != 1 ||
		len(got.Labels) != 1 || got.Labels[0].Name != "deploy" || len(got.Reviewers) != 1 || got.Reviewers[0].Login != "kim" {
		t.Errorf("pull request %+v", got)
	}
	if again := a.succeed("release"); !strings.Contains(again.stderr, "nothing to do") || again.stdout != first.stdout {
		t.Errorf("the repetition says %q\n%s", again.stdout, again.stderr)
	}

	a.write("src/style.css", "a { color: red }")
	a.commit("make it red")
	a.succeed("release")
	if got = a.pull("1"); got.Title != "deploy(stage): frontend "+a.shortSHA() || got.Commits != 1 || strings.Contains(got.Body, older) {
		t.Errorf("pull request %+v", got)
	}
	newer := a.shortSHA()
	git(t, a.dir, "checkout", "-q", older)
	result := a.refuse(3, []string{"a newer build is proposed in pull request #1", newer, "-force"}, "release", "-env=stage")
	if strings.Contains(result.stderr, "▸ build") {
		t.Errorf("an image was built that could not be proposed:\n%s", result.stderr)
	}
	git(t, a.dir, "checkout", "-q", example.Branch)

	a.call(http.MethodPut, "/pulls/1/merge", map[string]string{"merge_method": "squash"}, &struct{}{})
	if !strings.Contains(a.values(), "frontend-stage-"+newer) || len(a.log()) != 2 {
		t.Errorf("values after the merge:\n%s\nhistory %q", a.values(), a.log())
	}
	if done := a.succeed("release"); !strings.Contains(done.stderr, "nothing to do: stage already has frontend "+newer) {
		t.Errorf("a release after the merge says\n%s", done.stderr)
	}
}

// TestPullRequestThatMergesItself ends as a direct commit does, where no rule asks for a review.
func TestPullRequestThatMergesItself(t *testing.T) {
	t.Parallel()
	a := reviewed(t, "{ autoMerge: true }")
	result := a.succeed("release", "-json")
	var report struct {
		Deployment []struct {
			Commit      string
			PullRequest struct {
				Number int
				Merged bool
			}
		}
	}
	a.must(json.Unmarshal([]byte(result.stdout), &report))
	head, err := a.github.Head(example.Deployment, example.Branch)
	a.must(err)
	if len(report.Deployment) != 1 || report.Deployment[0].Commit != head || !report.Deployment[0].PullRequest.Merged {
		t.Errorf("report %s, the head is %s", result.stdout, head)
	}
	out, err := exec.CommandContext(t.Context(), "git", "-C", a.bare, "log", "-1", "--format=%(trailers:key=Astrago-Environment,valueonly)", example.Branch).Output()
	if err != nil || strings.TrimSpace(string(out)) != "stage" {
		t.Errorf("the merged commit has the environment %q, %v", out, err)
	}
	if want := []string{"deploy(stage): frontend " + a.shortSHA(), "Initial commit"}; !slices.Equal(a.log(), want) {
		t.Errorf("history %q", a.log())
	}
}

// TestProtectedBranch names the way out: a pull request.
func TestProtectedBranch(t *testing.T) {
	t.Parallel()
	for name, form := range map[string]github.Protection{"classic": github.BranchRule, "ruleset": github.Ruleset} {
		t.Run(name, func(t *testing.T) {
			a := newWorld(t).application("frontend")
			a.must(a.github.Protect(example.Deployment, example.Branch, form))
			a.refuse(3, []string{"forbid a direct commit", "deploy.mode: pull-request"}, "release")
		})
	}
}

// TestPullRequestOfSomeComponents proposes builds of single components one after another, none of which is lost.
func TestPullRequestOfSomeComponents(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("backend")
	a.github.Grant(a.deployToken, example.Deployment, github.Permissions{Contents: github.Write, PullRequests: github.Write, Issues: github.Write})
	a.must(a.github.Protect(example.Deployment, example.Branch, github.Ruleset))
	a.replace("astrago.yaml", "      file:", "      mode: pull-request\n      file:")
	a.commit("release by pull request")
	first := a.next("first", "-only=core")
	a.write("src/batch.txt", "second")
	a.commit("second")
	second, words := a.shortSHA(), "core: this run leaves it out"
	a.succeed("release", "-only=batch", "-dryRun").says(t, words, "pull request #1")
	a.succeed("release", "-only=batch").says(t, words, "pull request #1")
	body := a.pull("1").Body
	for _, line := range []string{"core-stage-" + first, "batch-stage-" + second, "Astrago-Image: core ", "Astrago-Image: batch "} {
		if !strings.Contains(body, line) {
			t.Errorf("the pull request lacks %q:\n%s", line, body)
		}
	}
	a.refuse(3, []string{"pull request #1", "this run leaves it out"}, "hold", "-env=stage", "-only=monitor", "-reason=demo")
	a.call(http.MethodPut, "/pulls/1/merge", map[string]string{"merge_method": "squash"}, &struct{}{})
	a.wantTags(example.ValuesPath, "core-stage-"+first, "batch-stage-"+second)
	a.succeed("hold", "-env=stage", "-only=monitor", "-reason=demo")
}
