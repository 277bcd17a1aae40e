package targets_test

import (
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/argocd"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/apps"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubtest"
)

// everything is what a careless owner accepts.
var everything = map[string]string{
	"metadata": "read", "contents": "write", "pull_requests": "write", "issues": "write", "statuses": "write", "deployments": "write",
}

// deploysAsApp takes the token of a person away, and has a GitHub App in its place that is installed on more than it deploys to.
func (w *world) deploysAsApp(granted map[string]string) githubtest.App {
	w.t.Helper()
	app := githubtest.RegisterApp(w.t, w.github)
	for _, repository := range []string{example.Deployment, "acme/payroll"} {
		w.github.Apps().Install(app.ID, repository, granted)
	}
	w.github.Revoke(w.deployToken)
	w.environ = append(w.environ, "DEPLOY_TOKEN=", "DEPLOY_APP_ID="+app.Number(), "DEPLOY_APP_KEY="+app.Key)
	return app
}

// endTokens ends all that installations have.
func (w *world) endTokens() { w.github.Apps().End(func(apps.Token) bool { return true }) }

// wantTokens wants every token to reach the deployment repository alone, with these permissions, and returns how many there were.
func (w *world) wantTokens(permissions map[string]string) int {
	w.t.Helper()
	all := w.github.Apps().Tokens()
	for _, token := range all {
		if !slices.Equal(token.Repositories, []string{example.Deployment}) || !maps.Equal(token.Permissions, permissions) {
			w.t.Errorf("a token for %q may %v, want %v", token.Repositories, token.Permissions, permissions)
		}
	}
	if len(all) == 0 {
		w.t.Error("there was no token of an App")
	}
	return len(all)
}

// wantCommitOfApp wants the newest commit of a branch to be the App's, signed by GitHub.
func (w *world) wantCommitOfApp(branch string) {
	w.t.Helper()
	out, err := exec.CommandContext(w.t.Context(), "git", "-C", w.bare, "log", "-1", "--format=%an %H", branch).Output()
	w.must(err)
	author, sha, _ := strings.Cut(strings.TrimSpace(string(out)), " ")
	if author != "acme-deployer[bot]" || !w.github.IsVerified(sha) {
		w.t.Errorf("the commit of %q is verified: %t", author, w.github.IsVerified(sha))
	}
}

var commitsOnly = map[string]string{"contents": "write"}

// TestReleaseAsAnApp has no token of any person.
func TestReleaseAsAnApp(t *testing.T) {
	t.Parallel()
	for _, api := range []string{"graphql", "rest"} {
		t.Run(api, func(t *testing.T) {
			t.Parallel()
			a := newWorld(t).application("frontend")
			a.replace("astrago.yaml", "      file:", "      api: "+api+"\n      file:")
			a.commit("choose the API")
			a.deploysAsApp(everything)
			released := a.succeed("release")
			if got := strings.TrimSpace(released.stdout); !strings.HasPrefix(got, a.newest()) || len(a.log()) != 2 {
				t.Errorf("standard output %q, history %q", got, a.log())
			}
			a.wantCommitOfApp(example.Branch)
			if n := a.wantTokens(commitsOnly); n != 1 {
				t.Errorf("%d tokens were asked for", n)
			}
			a.succeed("release").says(t, "nothing to do")
		})
	}
}

// newest is the head of the deployment branch.
func (w *world) newest() string {
	w.t.Helper()
	head, err := w.github.Head(example.Deployment, example.Branch)
	w.must(err)
	return head
}

// TestAppTokensEndDuringARelease between reading and committing, and as the answer to the commit is lost.
func TestAppTokensEndDuringARelease(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.application("frontend")
	w.deploysAsApp(everything)
	for name, action := range map[string]github.Action{
		"before the commit":                          {Before: w.endTokens},
		"after the commit, of which nothing is told": {After: w.endTokens, Cut: github.CutAnswer},
	} {
		a.write("src/frontend.txt", name)
		a.commit(name)
		before, tokens := len(a.log()), len(w.github.Apps().Tokens())
		remove := w.github.Intercept(github.On(mutation, 1, action))
		a.succeed("release")
		remove()
		if made := len(a.log()) - before; made != 1 {
			t.Errorf("%s: %d commits", name, made)
		}
		if asked := len(w.github.Apps().Tokens()) - tokens; asked != 2 {
			t.Errorf("%s: %d tokens", name, asked)
		}
		a.wantTags(example.ValuesPath, stageTag(a.shortSHA()))
		a.wantCommitOfApp(example.Branch)
	}
	a.wantTokens(commitsOnly)
}

// TestWaitOutlastsAppTokens: what Argo CD has is another commit than the release's, so that GitHub is asked how they stand to each
// other after the token has ended.
func TestWaitOutlastsAppTokens(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"release"}, {"wait"}} {
		t.Run(args[0], func(t *testing.T) {
			t.Parallel()
			a := newWorld(t).awaited("frontend")
			a.deploysAsApp(everything)
			if args[0] == "wait" {
				a.succeed("release", "-noWait")
			}
			a.outlasts(func() result { return a.succeed(args...) })
		})
	}
}

// outlasts has the tokens end while a run waits, which must end well, as what it found.
func (a *awaited) outlasts(run func() result) {
	a.t.Helper()
	before := len(a.github.Apps().Tokens())
	waits := false
	source := argocd.Source{RepoURL: "https://github.com/" + example.Deployment + ".git", Path: "helmfile", TargetRevision: example.Branch}
	a.server.Create(argocd.New("shop", []argocd.Source{source}, a.head()), func(now argocd.Application) []argocd.Step {
		if !waits {
			waits = true
			_, err := a.github.Commit(a.t.Context(), example.Deployment, example.Branch, "something else", map[string][]byte{"notes.txt": []byte("x")})
			a.must(err)
			a.endTokens()
		}
		return a.refresh(now)
	})
	waited := run()
	a.says(waited, "is Synced and Healthy at "+a.head()[:8])
	if !waits {
		a.t.Error("nothing waited")
	}
	if asked := len(a.github.Apps().Tokens()) - before; asked < 2 {
		a.t.Errorf("%d tokens", asked)
	}
}

// TestPullRequestAsAnApp asks for what a pull request with labels needs, and for no more.
func TestPullRequestAsAnApp(t *testing.T) {
	t.Parallel()
	for settings, permissions := range map[string]map[string]string{
		"{ labels: [deploy] }": {"contents": "write", "pull_requests": "write", "issues": "write"},
		"{ reviewers: [kim] }": {"contents": "write", "pull_requests": "write"},
	} {
		t.Run(settings, func(t *testing.T) {
			t.Parallel()
			a := reviewed(t, settings)
			a.deploysAsApp(everything)
			for _, operation := range []string{"POST /repos/{owner}/{repo}/pulls", "POST /repos/{owner}/{repo}/issues/{number}/labels"} {
				a.github.Intercept(github.On(operation, 1, github.Action{Before: a.endTokens}))
			}
			a.succeed("release").says(t, "pull request #1, to be merged")
			a.wantTokens(permissions)
			out, err := exec.CommandContext(t.Context(), "git", "-C", a.bare, "for-each-ref", "--format=%(refname)", "refs/heads/").Output()
			a.must(err)
			for branch := range strings.FieldsSeq(string(out)) {
				if branch != "refs/heads/"+example.Branch {
					a.wantCommitOfApp(branch)
				}
			}
		})
	}
}
