package github_test

import (
	"errors"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	double "github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

const (
	application      = "acme/backend"
	compareOperation = "GET /repos/{owner}/{repo}/compare/{basehead}"
)

// hosted is an application repository on GitHub, with the comparer of a token that may read it.
type hosted struct {
	*world
	comparer *github.Comparer
	first    commitid.ID
	second   commitid.ID
	side     commitid.ID
}

func newHosted(t *testing.T, permissions double.Permissions) *hosted {
	t.Helper()
	h := &hosted{world: newWorld(t)}
	dir, err := h.CreateRepository(t.Context(), application, "main", map[string][]byte{"a": []byte("1")})
	if err != nil {
		t.Fatal(err)
	}
	commit := func(branch, title string) commitid.ID {
		sha, err := h.Commit(t.Context(), application, branch, title+"\n\nbody", map[string][]byte{"a": []byte(title)})
		if err != nil {
			t.Fatal(err)
		}
		return commitid.ID(sha)
	}
	h.first = commit("main", "first")
	if out, err := exec.CommandContext(t.Context(), "git", "-C", dir, "branch", "side", string(h.first)).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	h.second, h.side = commit("main", "second"), commit("side", "side")
	if out, err := exec.CommandContext(t.Context(), "git", "-C", dir, "branch", "0badc0de", string(h.first)).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	const token = "github_token_of_a_workflow"
	h.Grant(token, application, permissions)
	h.comparer, err = github.NewComparer(github.Options{APIURL: h.URL(), Token: token, Clock: h.clock, Identity: github.Identity{Name: "GITHUB_TOKEN"}})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestComparerTellsTheOrderOfTwoCommits(t *testing.T) {
	h := newHosted(t, double.Permissions{Contents: double.Read})
	missing := strings.Repeat("0123456789", 4)
	for name, test := range map[string]struct {
		base, head commitid.ID
		want       git.Relation
	}{
		"ahead":              {h.first, h.second, git.Ahead},
		"abbreviated":        {h.first[:8], h.second, git.Ahead},
		"behind":             {h.second, h.first, git.Behind},
		"identical":          {h.second[:8], h.second, git.Identical},
		"diverged":           {h.side, h.second, git.Diverged},
		"unknown":            {commitid.ID(missing), h.second, git.Unknown},
		"a branch's name":    {"0badc0de", h.second, git.Unknown},
		"unknown to GitHub":  {h.first, commitid.ID(missing), git.Unknown},
		"unknown and short ": {commitid.ID(missing[:8]), h.second, git.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := h.comparer.Compare(t.Context(), application, test.base, test.head)
			if err != nil || got.Relation != test.want {
				t.Fatalf("%s, %v; want %s", got.Relation, err, test.want)
			}
			if got.Relation != git.Unknown && (!strings.HasPrefix(string(got.Base.SHA), string(test.base)) || len(got.Base.SHA) != 40 || strings.Contains(got.Base.Title, "\n") ||
				got.Base.Title == "" || got.Base.Author == "" || got.Base.Time.IsZero()) {
				t.Errorf("the base is %+v", got.Base)
			}
			if got.Relation == git.Unknown && got.Reason == "" {
				t.Error("there is no reason")
			}
		})
	}
	for _, wrong := range []string{"main", "../../issues", ""} {
		if _, err := h.comparer.Compare(t.Context(), application, commitid.ID(wrong), h.second); err == nil {
			t.Errorf("%q was sent", wrong)
		}
	}
}

// A commit that does not exist and a repository that the token may not see are both 404, and mean the opposite.
func TestComparerWithoutAccess(t *testing.T) {
	h := newHosted(t, double.Permissions{Contents: double.Read})
	_, err := h.comparer.Compare(t.Context(), "acme/another", h.first, h.second)
	wantProblem(t, err, problem.Failed, "acme/another", "GITHUB_TOKEN", "Contents: read", "fetch-depth: 0", "-force")
	if !errors.Is(err, github.ErrNoAccess) {
		t.Errorf("%v is no ErrNoAccess", err)
	}
	for name, reply := range map[string]double.Reply{
		"401": {Status: http.StatusUnauthorized, Body: `{"message":"Bad credentials"}`},
		"403": {Status: http.StatusForbidden, Body: `{"message":"Resource not accessible by integration"}`},
	} {
		t.Run(name, func(t *testing.T) {
			defer h.Intercept(double.On(compareOperation, 0, double.Action{Reply: &reply}))()
			_, err := h.comparer.Compare(t.Context(), application, h.first, h.second)
			wantProblem(t, err, problem.Failed, application, "GITHUB_TOKEN", "Contents: read")
			if !errors.Is(err, github.ErrNoAccess) {
				t.Errorf("%v is no ErrNoAccess", err)
			}
		})
	}
}

func TestComparerThatGetsNoAnswer(t *testing.T) {
	for name, test := range map[string]struct {
		reply double.Reply
		word  string
	}{
		"a limit": {double.Reply{Status: 429, Body: `{"message":"secondary rate limit"}`, Header: map[string]string{"Retry-After": "1"}}, "rate limit of GITHUB_TOKEN"},
		"a fault": {double.Reply{Status: 502, Body: `{"message":"Server Error"}`}, "502"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHosted(t, double.Permissions{Contents: double.Read})
			h.Intercept(double.On(compareOperation, 0, double.Action{Reply: &test.reply}))
			_, err := h.comparer.Compare(t.Context(), application, h.first, h.second)
			if err == nil || errors.Is(err, github.ErrNoAccess) || !strings.Contains(err.Error(), test.word) {
				t.Errorf("error %v, want %q", err, test.word)
			}
			if got := h.Count(compareOperation); got < 2 {
				t.Errorf("it was asked %d times", got)
			}
		})
	}
}

func TestComparerMeasures(t *testing.T) {
	h := newHosted(t, double.Permissions{Contents: double.Read})
	for name, test := range map[string]struct {
		commit        commitid.ID
		branch        string
		behind, ahead int
		reason        string
	}{
		"behind":         {h.first[:8], "main", 1, 0, ""},
		"the tip":        {h.second, "main", 0, 0, ""},
		"another line":   {h.side, "main", 1, 1, ""},
		"no such branch": {h.first, "nope", 0, 0, "no such commit"},
		"no such commit": {commitid.ID(strings.Repeat("0123456789", 4)), "main", 0, 0, "no such commit"},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := h.comparer.Measure(t.Context(), application, test.commit, test.branch)
			if err != nil || d.Behind != test.behind || d.Ahead != test.ahead || !strings.Contains(d.Reason, test.reason) || (d.Reason == "") != (test.reason == "") {
				t.Errorf("%+v, %v", d, err)
			}
			if d.Reason == "" && (len(d.Commit.SHA) != 40 || d.Commit.Title == "") {
				t.Errorf("the commit is %+v", d.Commit)
			}
		})
	}
	if _, err := h.comparer.Measure(t.Context(), application, "main", "main"); err == nil {
		t.Error("a branch was taken for a commit")
	}
}
