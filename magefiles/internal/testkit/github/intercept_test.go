package github_test

import (
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubtest"
)

func adds(files ...string) map[string]any {
	return map[string]any{"additions": githubtest.Additions(files...)}
}

func TestHeadMovesBetweenReadAndCommit(t *testing.T) {
	f := githubtest.Start(t)
	head := f.Tip()
	f.Server.Intercept(github.On(githubtest.CommitOperation, 1, github.Action{Before: func() { f.Push("other", "somebody else's") }}))
	variables := githubtest.CommitInput(head, adds(githubtest.File, "mine"))
	if g := f.Query(githubtest.Token, githubtest.CommitMutation, variables); len(g.Errors) != 1 || g.Errors[0].Type != "STALE_DATA" {
		t.Fatalf("errors = %+v", g.Errors)
	}
	variables = githubtest.CommitInput(f.Tip(), adds(githubtest.File, "mine"))
	if g := f.Query(githubtest.Token, githubtest.CommitMutation, variables); g.Errors != nil {
		t.Fatalf("errors = %+v", g.Errors)
	}
	if f.Content("other") != "somebody else's" || f.Content(githubtest.File) != "mine" {
		t.Error("a change is lost")
	}
	if got := f.Server.Count(githubtest.CommitOperation); got != 2 {
		t.Errorf("%d mutations in the log", got)
	}
}

func TestLostAnswers(t *testing.T) {
	for name, test := range map[string]struct {
		action    github.Action
		status    int
		committed bool
	}{
		"cut after the commit":  {github.Action{Cut: github.CutAnswer}, 0, true},
		"cut in the body":       {github.Action{Cut: github.CutBody}, 0, true},
		"cut before the commit": {github.Action{Cut: github.CutAnswer, Reply: &github.Reply{}}, 0, false},
		"502 after the commit":  {github.Action{Reply: &github.Reply{Status: 502}, Handle: true}, 502, true},
		"502 before the commit": {github.Action{Reply: &github.Reply{Status: 502}}, 502, false},
		"429 with header":       {github.Action{Reply: &github.Reply{Status: 429, Header: map[string]string{"Retry-After": "7"}}}, 429, false},
		"slow, then as usual":   {github.Action{Delay: time.Millisecond}, 200, true},
	} {
		t.Run(name, func(t *testing.T) {
			f := githubtest.Start(t)
			head := f.Tip()
			f.Server.Intercept(github.On(githubtest.CommitOperation, 1, test.action))
			status, header, body := f.Send("POST", "/graphql", githubtest.Token, map[string]any{
				"query": githubtest.CommitMutation, "variables": githubtest.CommitInput(head, adds(githubtest.File, "x")),
			})
			if status != test.status {
				t.Errorf("status = %d %s", status, body)
			}
			if test.status == 429 && header.Get("Retry-After") != "7" {
				t.Errorf("header = %v", header)
			}
			if committed := f.Tip() != head; committed != test.committed {
				t.Errorf("committed = %v", committed)
			}
		})
	}
}

func TestRevokedHalfWay(t *testing.T) {
	f := githubtest.Start(t)
	f.Server.Intercept(github.On(githubtest.CommitOperation, 0, github.Action{Before: func() { f.Server.Revoke(githubtest.Token) }}))
	f.Query(githubtest.Token, githubtest.ReadQuery, githubtest.ReadVariables())
	status, _, _ := f.Send("POST", "/graphql", githubtest.Token, map[string]any{
		"query": githubtest.CommitMutation, "variables": githubtest.CommitInput(f.Tip(), map[string]any{}),
	})
	if status != 401 {
		t.Errorf("status = %d", status)
	}
}

func TestReplicaLag(t *testing.T) {
	f := githubtest.Start(t)
	old := f.Tip()
	current := f.Push(githubtest.File, "tag: two\n")
	remove := f.Server.Intercept(func(github.Exchange) *github.Action {
		return &github.Action{Heads: map[string]string{githubtest.Branch: old}}
	})
	read := func() (oid, text any) {
		g := f.Query(githubtest.Token, githubtest.ReadQuery, githubtest.ReadVariables())
		target := githubtest.At(t, g.Data, "repository", "ref", "target")
		return githubtest.At(t, target, "oid"), githubtest.At(t, target, "file", "object", "text")
	}
	if oid, text := read(); oid != old || text != "tag: one\n" {
		t.Errorf("a lagging read gives %v %q", oid, text)
	}
	for _, expected := range []string{old, current} { // the replica refuses the one, git's compare-and-swap the other
		g := f.Query(githubtest.Token, githubtest.CommitMutation, githubtest.CommitInput(expected, adds(githubtest.File, "x")))
		if len(g.Errors) != 1 || g.Errors[0].Type != "STALE_DATA" {
			t.Errorf("errors = %+v", g.Errors)
		}
	}
	remove()
	if oid, _ := read(); oid != current {
		t.Errorf("head = %v, want %s", oid, current)
	}
}

func TestExchangeSaysWhatIsAsked(t *testing.T) {
	f := githubtest.Start(t)
	var seen []github.Exchange
	f.Server.Intercept(func(e github.Exchange) *github.Action {
		seen = append(seen, e)
		return nil
	})
	f.Send("GET", "/api/v3/repos/acme/deployment", githubtest.Token, nil)
	f.Query(githubtest.Token, `query A { viewer { login } }`, nil)
	if len(seen) != 2 || seen[0].Operation != "GET /repos/{owner}/{repo}" || seen[0].Repository != githubtest.Repository ||
		seen[0].Path != "/repos/acme/deployment" || seen[0].Token != githubtest.Token || seen[1].Operation != "query viewer" ||
		!strings.Contains(string(seen[1].Body), "viewer") {
		t.Errorf("exchanges = %+v", seen)
	}
}
