package gitops_test

import (
	"net/http"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

const (
	needs         = "Contents read and write on "
	noToken       = "its tokens cannot be revoked"
	noProtection  = "it has no protected branches"
	noPermissions = "its tokens have all permissions"
)

// refusal is an answer that is final: said with its exit code and remedy, after one request of its kind and no wait.
type refusal struct {
	name          string
	arrange       func(*scene, *bump.Bump)
	status        int
	texts         []string
	reads, writes int
	notOnEmulate  string
}

var refusals = refusalScenarios([]refusal{
	{
		"token revoked", func(s *scene, _ *bump.Bump) { s.hub.(ours).Revoke(token) },
		problem.Failed,
		[]string{"DEPLOY_TOKEN", "Bad credentials", "expired", needs, "scope repo"},
		1, 0, noToken,
	},
	{
		"token revoked half way", func(s *scene, _ *bump.Bump) {
			s.on(writeCall, 1, github.Action{Before: func() { s.hub.(ours).Revoke(token) }})
		},
		problem.Failed,
		[]string{"committing to", "Bad credentials", needs},
		1, 1, noToken,
	},
	{
		"repository hidden or absent", func(_ *scene, b *bump.Bump) { b.Deployment.Repository = "acme/other" },
		problem.Failed,
		[]string{"acme/other", "no such repository, or DEPLOY_TOKEN has no access", "deploy.repository", needs + "acme/other"},
		1, 0, "",
	},
	{
		"branch absent", func(_ *scene, b *bump.Bump) { b.Deployment.Branch = "stabilise/1.0" },
		problem.Refused,
		[]string{`no branch "stabilise/1.0"`, "deploy.branch"},
		1, 0, "",
	},
	{
		"branch deleted meanwhile", func(s *scene, _ *bump.Bump) {
			s.on(writeCall, 1, github.Action{
				Before: func() { s.hub.(ours).git("branch", "--move", branch, "elsewhere") },
				After:  func() { s.hub.(ours).git("branch", "--move", "elsewhere", branch) }, // for the count of commits
			})
		},
		problem.Refused,
		[]string{`no branch "stabilize/1.0"`, "deploy.branch"},
		1, 1, "its branches cannot be deleted by git",
	},
	{
		"branch that is the beginning of one", func(_ *scene, b *bump.Bump) { b.Deployment.Branch = "stabilize" },
		problem.Refused,
		[]string{`no branch "stabilize"`, "deploy.branch"},
		1, 0, "",
	},
	{
		"file absent", func(_ *scene, b *bump.Bump) { b.Deployment.Files[0].Path = "environments/stag/values.yaml" },
		problem.Refused,
		[]string{branch + ":environments/stag/values.yaml: ", "does not exist", "deploy.file"},
		1, 0, "",
	},
	{
		"file below a file", func(_ *scene, b *bump.Bump) { b.Deployment.Files[0].Path = "README.md/values.yaml" },
		problem.Refused,
		[]string{branch + ":README.md/values.yaml: ", "does not exist", "deploy.file"},
		1, 0, "",
	},
	{
		"file is a directory", func(_ *scene, b *bump.Bump) { b.Deployment.Files[0].Path = "environments/stage" },
		problem.Refused,
		[]string{branch + ":environments/stage: ", "a directory"},
		1, 0, "",
	},
	{
		"protected branch", func(s *scene, _ *bump.Bump) { s.hub.(ours).protect(github.BranchRule) },
		problem.Refused,
		[]string{"rules of the branch", "through a pull request", "deploy.mode: pull-request"},
		1, 1, noProtection,
	},
	{
		"ruleset", func(s *scene, _ *bump.Bump) { s.hub.(ours).protect(github.Ruleset) },
		problem.Refused,
		[]string{"rules of the branch", "Repository rule violations found", "Bypass"},
		1, 1, noProtection,
	},
	{
		"403 with the accepted permissions", func(s *scene, _ *bump.Bump) {
			r := restFault(http.StatusForbidden, "Resource not accessible by integration")
			r.Header = map[string]string{"X-Accepted-GitHub-Permissions": "contents=write; contents=write,workflows=write"}
			s.on(writeCall, 1, github.Action{Reply: &r})
		},
		problem.Failed,
		[]string{"Resource not accessible by integration", "GitHub accepts: contents=write", needs},
		1, 1, "",
	},
	{
		"single sign-on", func(s *scene, _ *bump.Bump) {
			r := fault(s.api(), http.StatusForbidden, "FORBIDDEN", "Resource protected by organization SAML enforcement.")
			r.Header = map[string]string{"X-GitHub-SSO": "required; url=https://github.com/orgs/acme/sso?authorization_request=x"}
			s.on(headCall, 1, github.Action{Reply: &r})
		},
		problem.Failed,
		[]string{"authorise the token", "https://github.com/orgs/acme/sso?authorization_request=x"},
		1, 0, "",
	},
	{
		"repository gone before the write", func(s *scene, _ *bump.Bump) {
			s.on(writeCall, 1, github.Action{Reply: new(fault(s.api(), http.StatusNotFound, "NOT_FOUND", "Not Found"))})
		},
		problem.Failed,
		[]string{"not found, or DEPLOY_TOKEN has no access", needs},
		1, 1, "",
	},
	{
		"organisation's rule by its code", func(s *scene, _ *bump.Bump) {
			s.on(writeCall, 1, github.Action{Reply: new(fault(s.api(), http.StatusUnprocessableEntity, "UNPROCESSABLE",
				"GH013: Repository rule violations found for refs/heads/"+branch))})
		},
		problem.Refused,
		[]string{"rules of the branch", "deploy.mode: pull-request"},
		1, 1, "",
	},
})

// fault is a refusal in the form of either interface.
func fault(api config.API, status int, kind, message string) github.Reply {
	if api == config.APIREST {
		return restFault(status, message)
	}
	return graphFault(kind, message)
}

func refusalScenarios(list []refusal) []scenario {
	var all []scenario
	for _, r := range list {
		all = append(all, scenario{name: "refused: " + r.name, notOnEmulate: r.notOnEmulate, run: r.run})
	}
	return all
}

func (r refusal) run(s *scene) {
	before := s.commits()
	b := s.release(newSHA, "core")
	r.arrange(s, &b)
	_, err := s.client.Bump(s.Context(), b)
	wantProblem(s.T, err, r.status, r.texts...)
	s.wantCalls(r.reads, r.writes)
	if got := s.commits(); got != before {
		s.Errorf("%d commits, want %d", got, before)
	}
	if len(s.clock.Waits()) > 0 {
		s.Errorf("waited %v for what waiting does not change", s.clock.Waits())
	}
}
