package github_test

import (
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

func TestHeadMovesBetweenReadAndCommit(t *testing.T) {
	f := start(t)
	head := f.head()
	f.Intercept(github.On(commitOperation, 1, github.Action{Before: func() { f.push("other", "somebody else's") }}))
	variables := commitInput(head, map[string]any{"additions": additions(file, "mine")})
	if g := f.query(token, commitMutation, variables); len(g.Errors) != 1 || g.Errors[0].Type != "STALE_DATA" {
		t.Fatalf("errors = %+v", g.Errors)
	}
	variables = commitInput(f.head(), map[string]any{"additions": additions(file, "mine")})
	if g := f.query(token, commitMutation, variables); g.Errors != nil {
		t.Fatalf("errors = %+v", g.Errors)
	}
	if f.content("other") != "somebody else's" || f.content(file) != "mine" {
		t.Error("a change is lost")
	}
	if got := f.Count(commitOperation); got != 2 {
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
			f := start(t)
			head := f.head()
			f.Intercept(github.On(commitOperation, 1, test.action))
			status, header, body := f.send("POST", "/graphql", token, map[string]any{
				"query": commitMutation, "variables": commitInput(head, map[string]any{"additions": additions(file, "x")}),
			})
			if status != test.status {
				t.Errorf("status = %d %s", status, body)
			}
			if test.status == 429 && header.Get("Retry-After") != "7" {
				t.Errorf("header = %v", header)
			}
			if committed := f.head() != head; committed != test.committed {
				t.Errorf("committed = %v", committed)
			}
		})
	}
}

func TestRevokedHalfWay(t *testing.T) {
	f := start(t)
	f.Intercept(github.On(commitOperation, 0, github.Action{Before: func() { f.Revoke(token) }}))
	f.query(token, readQuery, readVariables())
	status, _, _ := f.send("POST", "/graphql", token, map[string]any{
		"query": commitMutation, "variables": commitInput(f.head(), map[string]any{}),
	})
	if status != 401 {
		t.Errorf("status = %d", status)
	}
}

func TestReplicaLag(t *testing.T) {
	f := start(t)
	old := f.head()
	current := f.push(file, "tag: two\n")
	remove := f.Intercept(func(github.Exchange) *github.Action {
		return &github.Action{Heads: map[string]string{branch: old}}
	})
	read := func() (oid, text any) {
		g := f.query(token, readQuery, readVariables())
		target := at(t, g.Data, "repository", "ref", "target")
		return at(t, target, "oid"), at(t, target, "file", "object", "text")
	}
	if oid, text := read(); oid != old || text != "tag: one\n" {
		t.Errorf("a lagging read gives %v %q", oid, text)
	}
	for _, expected := range []string{old, current} { // the replica refuses the one, git's compare-and-swap the other
		g := f.query(token, commitMutation, commitInput(expected, map[string]any{"additions": additions(file, "x")}))
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
	f := start(t)
	var seen []github.Exchange
	f.Intercept(func(e github.Exchange) *github.Action {
		seen = append(seen, e)
		return nil
	})
	f.send("GET", "/api/v3/repos/acme/deployment", token, nil)
	f.query(token, `query A { viewer { login } }`, nil)
	if len(seen) != 2 || seen[0].Operation != "GET /repos/{owner}/{repo}" || seen[0].Repository != repo ||
		seen[0].Path != "/repos/acme/deployment" || seen[0].Token != token || seen[1].Operation != "query viewer" ||
		!strings.Contains(string(seen[1].Body), "viewer") {
		t.Errorf("exchanges = %+v", seen)
	}
}
