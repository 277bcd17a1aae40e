package access_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	githubapi "github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/access"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubtest"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/problemtest"
)

const (
	repository = "acme/deployment"
	branch     = "stabilize/1.0"
	token      = "github_pat_11ABCDEFG0secret"

	rulesOperation   = "GET /repos/{owner}/{repo}/rules/branches/{branch}"
	rulesetOperation = "GET /repos/{owner}/{repo}/rulesets/{ruleset}"
	refOperation     = "POST /repos/{owner}/{repo}/git/refs"
	getOperation     = "GET /repos/{owner}/{repo}"
)

var (
	target   = plan.Deployment{Repository: repository, Branch: branch}
	proposed = plan.Deployment{Repository: repository, Branch: branch, PullRequest: &config.PullRequest{}}
)

// serve starts a GitHub with one repository, and a Checker whose token may write to it.
func serve(t *testing.T, deadline time.Duration) (*github.Server, access.Checker) {
	t.Helper()
	server := githubtest.Serve(t, github.Options{})
	if _, err := server.CreateRepository(t.Context(), repository, branch, map[string][]byte{"README.md": []byte("values\n")}); err != nil {
		t.Fatal(err)
	}
	server.Grant(token, repository, github.Permissions{Contents: github.Write, PullRequests: github.Write})
	clients, err := githubapi.NewClients(githubapi.Options{APIURL: server.URL(), Token: token})
	if err != nil {
		t.Fatal(err)
	}
	return server, access.NewChecker(clients, repo.Deadline(deadline))
}

func reply(status int, body string) github.Action {
	return github.Action{Reply: &github.Reply{Status: status, Body: body}}
}

// questions are all that a Checker asks, with the request that comes first.
var questions = map[string]struct {
	operation, doing string
	ask              func(*testing.T, access.Checker, plan.Deployment) error
}{
	"ProveWrite": {refOperation, "checking the right to write to", func(t *testing.T, c access.Checker, d plan.Deployment) error {
		t.Helper()
		return c.ProveWrite(t.Context(), d)
	}},
	"TokenExpiry": {getOperation, "asking when the token expires for", func(t *testing.T, c access.Checker, d plan.Deployment) error {
		t.Helper()
		at, err := c.TokenExpiry(t.Context(), d)
		if err != nil && !at.IsZero() {
			t.Errorf("%v beside an error", at)
		}
		return err
	}},
	"CheckRules": {rulesOperation, "reading the rules of", func(t *testing.T, c access.Checker, d plan.Deployment) error {
		t.Helper()
		notice, err := c.CheckRules(t.Context(), d)
		if err != nil && notice != "" {
			t.Errorf("%q beside an error", notice)
		}
		return err
	}},
}

// TestEveryQuestionEndsWithTheDeadline, and then says what was asked of which branch.
func TestEveryQuestionEndsWithTheDeadline(t *testing.T) {
	for name, question := range questions {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, checker := serve(t, 300*time.Millisecond)
			server.Intercept(github.On(question.operation, 0, github.Action{Delay: time.Minute}))
			err := question.ask(t, checker, target)
			problemtest.Want(t, err, 1, token, "giving up on "+repository+"@"+branch, question.doing)
		})
	}
}

// TestNoRefusalPassesForAnAnswer: whatever GitHub refuses, the question has failed.
func TestNoRefusalPassesForAnAnswer(t *testing.T) {
	server, checker := serve(t, time.Minute)
	for name, question := range questions {
		for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusTeapot} {
			remove := server.Intercept(github.On(question.operation, 0, reply(status, `{"message":"no"}`)))
			if err := question.ask(t, checker, target); err == nil {
				t.Errorf("%s: %d passes", name, status)
			} else if !strings.Contains(err.Error(), question.doing) {
				t.Errorf("%s: %v", name, err)
			}
			remove()
		}
		if err := question.ask(t, checker, target); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestTokenExpiryIsWhatGitHubSays, and unknown where it says nothing.
func TestTokenExpiryIsWhatGitHubSays(t *testing.T) {
	server, checker := serve(t, time.Minute)
	if at, err := checker.TokenExpiry(t.Context(), target); err != nil || !at.IsZero() {
		t.Errorf("unsaid: %v, %v", at, err)
	}
	said := reply(http.StatusOK, "{}")
	said.Reply.Header = map[string]string{"GitHub-Authentication-Token-Expiration": "2026-12-24 13:00:00 UTC"}
	server.Intercept(github.On(getOperation, 0, said))
	if at, err := checker.TokenExpiry(t.Context(), target); err != nil || !at.Equal(time.Date(2026, 12, 24, 13, 0, 0, 0, time.UTC)) {
		t.Errorf("said: %v, %v", at, err)
	}
}

// TestProposingAsksForNoMoreThanItNeeds: a token without pull requests is enough where none is opened.
func TestProposingAsksForNoMoreThanItNeeds(t *testing.T) {
	server, checker := serve(t, time.Minute)
	for d, want := range map[*plan.Deployment]int{&target: 0, &proposed: 1} {
		before := server.Count("POST /repos/{owner}/{repo}/pulls")
		if err := checker.ProveWrite(t.Context(), *d); err != nil {
			t.Error(err)
		}
		if got := server.Count("POST /repos/{owner}/{repo}/pulls") - before; got != want {
			t.Errorf("%d questions of pull requests, want %d", got, want)
		}
	}
}
