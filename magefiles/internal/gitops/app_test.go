package gitops_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/credential"
	githubapi "github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/github/app"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/fakeclock"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/apps"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubtest"
)

// bot is the author of what the App commits.
const bot = "acme-deployer[bot]"

// appWorld is a world whose client deploys as a GitHub App.
type appWorld struct {
	*world

	app githubtest.App
}

// newAppWorld has the App installed on the repository. granted holds the permissions that its owner has accepted.
func newAppWorld(t *testing.T, api config.API, asks app.Permissions, granted map[string]string) *appWorld {
	t.Helper()
	clock := fakeclock.New(time.Now())
	server := githubtest.Serve(t, github.Options{Now: clock.Now})
	dir, err := server.CreateRepository(t.Context(), repository, branch, map[string][]byte{shopFile: []byte(shopValues)})
	if err != nil {
		t.Fatal(err)
	}
	w := &appWorld{world: &world{TB: t, Server: server, clock: clock, dir: dir, backend: api}}
	w.app = githubtest.RegisterApp(t, server)
	server.Apps().Install(w.app.ID, repository, granted)
	w.client = w.newClient(func(o *gitops.Options) { w.deploysAs(o, asks) })
	return w
}

func (w *appWorld) deploysAs(o *gitops.Options, asks app.Permissions) {
	w.Helper()
	deployApp, err := app.New(app.Options{GitHub: o.Options, ID: w.app.Number(), Key: w.app.Key, Hide: func(string) {}})
	if err != nil {
		w.Fatal(err)
	}
	o.Token, o.Identity = "", app.Identity(w.app.Number())
	o.Sources = func(repository string) credential.Source { return deployApp.Source(repository, asks) }
}

var (
	commits = app.Permissions{Contents: "write"}
	writer  = map[string]string{"contents": "write", "metadata": "read"}
)

// endTokens ends all that were issued so far.
func (w *appWorld) endTokens() { w.Apps().End(func(apps.Token) bool { return true }) }

// wantOneCommit expects that the branch has one commit more, of the App, and what GitHub says of its signature.
func (w *appWorld) wantOneCommit(name string, before int) {
	w.Helper()
	if got := w.commits() - before; got != 1 {
		w.Errorf("%s: %d commits, want 1", name, got)
	}
	if author := strings.TrimSpace(w.git("log", "-1", "--format=%an", branch)); author != bot || !w.IsVerified(string(w.head())) {
		w.Errorf("%s: the commit of %q is verified: %t", name, author, w.IsVerified(string(w.head())))
	}
}

// A token may end between any two requests of a bump, or while one is on its way: there is one commit, and none twice.
func TestATokenEndsAnywhere(t *testing.T) {
	t.Parallel()
	for _, api := range []config.API{config.APIGraphQL, config.APIREST} {
		t.Run(string(api), func(t *testing.T) {
			t.Parallel()
			w := newAppWorld(t, api, commits, writer)
			w.bump(release(newSHA, "core"))
			calls := len(w.Requests())
			for n := 1; n <= calls; n++ {
				for _, name := range []string{"ends", "ends, and the answer is lost"} {
					w.push(shopFile, shopValues)
					w.clock.Advance(time.Minute) // the token is no new one
					before, seen := w.commits(), 0
					remove := w.Intercept(func(github.Exchange) *github.Action {
						if seen++; seen != n {
							return nil
						}
						if name == "ends" {
							return &github.Action{Before: w.endTokens}
						}
						return &github.Action{After: w.endTokens, Cut: github.CutAnswer}
					})
					result := w.bump(release(newSHA, "core"))
					remove()
					if result.Commit != w.head() || result.UpToDate || len(result.Changes) != 1 {
						t.Errorf("%s at request %d: %+v", name, n, result)
					}
					w.wantOneCommit(fmt.Sprintf("%s at request %d", name, n), before)
				}
			}
			w.git("fsck", "--strict")
		})
	}
}

// A token that lives shorter than a bump takes is renewed on its way.
func TestTokensThatEndAllTheTime(t *testing.T) {
	t.Parallel()
	for _, api := range []config.API{config.APIGraphQL, config.APIREST} {
		w := newAppWorld(t, api, commits, writer)
		before := w.commits()
		w.Intercept(func(e github.Exchange) *github.Action {
			if strings.HasPrefix(e.Token, "ghs_") && e.Method != http.MethodGet { // these come one after the other
				w.clock.Advance(56 * time.Minute)
			}
			return nil
		})
		w.bump(release(newSHA, "core"))
		w.wantOneCommit(string(api), before)
		if n := len(w.Apps().Tokens()); n < 2 {
			t.Errorf("%s: %d tokens", api, n)
		}
	}
}

// A permission that an owner takes away meanwhile is reported with its remedy, and nothing is committed.
func TestTheAppIsSuspendedBeforeTheCommit(t *testing.T) {
	t.Parallel()
	for _, api := range []config.API{config.APIGraphQL, config.APIREST} {
		for _, test := range []struct {
			change       func(*apps.Installation)
			says, remedy string
		}{
			{func(in *apps.Installation) { in.Suspended = true }, "its installation is suspended", "Unsuspend"},
			{func(in *apps.Installation) { in.Permissions = map[string]string{"contents": "read"} }, "GitHub App 12345 lacks a permission", "Permissions & events"},
		} {
			w := newAppWorld(t, api, commits, writer)
			before, write := w.commits(), commitOperation
			if api == config.APIREST {
				write = "POST /repos/{owner}/{repo}/git/trees"
			}
			w.Intercept(github.On(write, 1, github.Action{Before: func() { w.Apps().Change(w.app.ID, "acme", test.change) }}))
			_, err := w.client.Bump(t.Context(), release(newSHA, "core"))
			p := problem.As(err)
			if p == nil || !strings.Contains(err.Error(), test.says) || !strings.Contains(p.Remedy, test.remedy) || strings.Contains(err.Error()+p.Remedy, "DEPLOY_TOKEN") {
				t.Errorf("%s: %v", api, err)
			}
			if errors.Is(err, repo.ErrUncertain) || w.commits() != before {
				t.Errorf("%s: %d commits, %v", api, w.commits()-before, err)
			}
		}
	}
}

// Each repository has a token of its own, which travels with requests about that one alone.
func TestATokenPerRepository(t *testing.T) {
	t.Parallel()
	w := newAppWorld(t, config.APIREST, commits, writer)
	const other = "globex/deployment"
	if _, err := w.CreateRepository(t.Context(), other, branch, map[string][]byte{shopFile: []byte(shopValues)}); err != nil {
		t.Fatal(err)
	}
	w.Apps().Install(w.app.ID, other, writer)
	var mu sync.Mutex
	seen := map[string][]string{} // repositories by token
	w.Intercept(func(e github.Exchange) *github.Action {
		mu.Lock()
		defer mu.Unlock()
		if strings.HasPrefix(e.Token, "ghs_") && !slices.Contains(seen[e.Token], e.Repository) {
			seen[e.Token] = append(seen[e.Token], e.Repository)
		}
		return nil
	})
	var group sync.WaitGroup
	for _, repository := range []string{repository, other} {
		b := release(newSHA, "core")
		b.Deployment.Repository = repository
		group.Go(func() {
			if _, err := w.client.Bump(t.Context(), b); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if len(seen) != 2 {
		t.Fatalf("%d tokens", len(seen))
	}
	for _, token := range w.Apps().Tokens() {
		if !slices.Equal(seen[token.Text], token.Repositories) {
			t.Errorf("the token for %q went to %q", token.Repositories, seen[token.Text])
		}
	}
}

// A pull request takes another permission, and labels one more.
func TestAnAppProposes(t *testing.T) {
	t.Parallel()
	asks := app.Permissions{Contents: "write", PullRequests: "write", Issues: "write"}
	w := newAppWorld(t, config.APIGraphQL, asks, map[string]string{"contents": "write", "pull_requests": "write", "issues": "write"})
	b := release(newSHA, "core")
	b.Deployment.PullRequest = &config.PullRequest{Labels: []string{"deploy"}}
	for _, operation := range []string{"POST /repos/{owner}/{repo}/pulls", "POST /repos/{owner}/{repo}/issues/{number}/labels", "mutation updateRefs"} {
		w.Intercept(github.On(operation, 1, github.Action{Before: w.endTokens}))
	}
	if result := w.bump(b); result.PullRequest == nil || result.PullRequest.Number != 1 {
		t.Errorf("%+v", result)
	}
}

// What deploys is named in every refusal, be it of a repository that it does not see.
func TestAnAppThatIsNotInstalled(t *testing.T) {
	t.Parallel()
	w := newAppWorld(t, config.APIGraphQL, commits, writer)
	_, err := w.client.Repo.Read(t.Context(), plan.Deployment{Repository: "acme/unseen", Branch: branch, Files: []plan.File{{Path: shopFile}}})
	p := problem.As(err)
	if p == nil || !strings.Contains(err.Error(), "GitHub App 12345 for acme/unseen: it is not installed") || !strings.Contains(p.Remedy, "Install App") {
		t.Errorf("%v", err)
	}
	if !errors.Is(err, githubapi.ErrNoAccess) {
		t.Errorf("it is no lack of access: %v", err)
	}
}
