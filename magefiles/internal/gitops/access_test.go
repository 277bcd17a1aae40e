package gitops_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

var (
	target   = plan.Deployment{Repository: repository, Branch: branch, Files: []plan.File{{Path: shopFile}}}
	proposed = plan.Deployment{Repository: repository, Branch: branch, PullRequest: &config.PullRequest{}}
)

// TestProveWriteWritesNothing asks with a user who may write, whose token may not: only GitHub's refusal tells them apart.
func TestProveWriteWritesNothing(t *testing.T) {
	w := newWorld(t, nil)
	refs := func() string { return w.git("-C", w.dir, "for-each-ref", "--format=%(refname) %(objectname)") }
	before := refs()
	for name, test := range map[string]struct {
		granted github.Permissions
		to      plan.Deployment
		ok      bool
	}{
		"may commit":       {github.Permissions{Contents: github.Write}, target, true},
		"may only read":    {github.Permissions{Contents: github.Read, Role: "ADMIN"}, target, false},
		"may propose":      {github.Permissions{Contents: github.Write, PullRequests: github.Write}, proposed, true},
		"may not propose":  {github.Permissions{Contents: github.Write}, proposed, false},
		"may only propose": {github.Permissions{Contents: github.Read, PullRequests: github.Write}, proposed, false},
	} {
		t.Run(name, func(t *testing.T) {
			w.Grant(token, repository, test.granted)
			err := w.client.Access.ProveWrite(t.Context(), test.to)
			if (err == nil) != test.ok {
				t.Fatalf("error %v", err)
			}
			if err != nil {
				wantProblem(t, err, 1, "DEPLOY_TOKEN lacks a permission", "on "+repository)
			}
		})
	}
	if after := refs(); after != before {
		t.Errorf("references\n%s\nwere\n%s", after, before)
	}
}

func TestCheckRules(t *testing.T) {
	for name, test := range map[string]struct {
		form github.Protection
		to   plan.Deployment
		want string
	}{
		"no rules":                    {github.Unprotected, target, ""},
		"classic protection":          {github.BranchRule, target, "branch protection does not let the token's owner push"},
		"a ruleset":                   {github.Ruleset, target, "rule pull_request"},
		"a ruleset with a bypass":     {github.Bypassed, target, ""},
		"a ruleset and pull requests": {github.Ruleset, proposed, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			if err := w.Protect(repository, branch, test.form); err != nil {
				t.Fatal(err)
			}
			notice, err := w.client.Access.CheckRules(t.Context(), test.to)
			if notice != "" || (err == nil) != (test.want == "") {
				t.Fatalf("%q, %v", notice, err)
			}
			if err != nil {
				wantProblem(t, err, 3, test.want, "deploy.mode: pull-request")
			}
		})
	}
}

// TestARulesetThatTellsNothing is an organisation's, which its repositories may not look into.
func TestARulesetThatTellsNothing(t *testing.T) {
	w := newWorld(t, nil)
	if err := w.Protect(repository, branch, github.Ruleset); err != nil {
		t.Fatal(err)
	}
	w.Intercept(github.On("GET /repos/{owner}/{repo}/rulesets/{ruleset}", 0, github.Action{Reply: &github.Reply{Status: http.StatusNotFound, Body: `{"message":"Not Found"}`}}))
	notice, err := w.client.Access.CheckRules(t.Context(), target)
	if err != nil || !strings.Contains(notice, "do not tell who may bypass them: rule pull_request") {
		t.Errorf("%q, %v", notice, err)
	}
}
