package gitops_test

import (
	"net/http"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

// TestPoliciesHaveRemediesOfTheirOwn over both interfaces: none of them is answered by another permission of the token.
func TestPoliciesHaveRemediesOfTheirOwn(t *testing.T) {
	const rules = "Repository rule violations found\n\n"
	for name, test := range map[string]struct {
		text   string
		rule   bool
		says   string
		remedy string
	}{
		"SAML":            {"Resource protected by organization SAML enforcement. You must grant your OAuth token access to this organization.", false, "single sign-on", "Configure SSO"},
		"IP allow list":   {"Although you appear to have the correct authorization credentials, the `acme` organization has an IP allow list enabled", false, "allowed IP addresses", "address is on the list"},
		"classic tokens":  {"`acme` forbids access via a personal access token (classic).", false, "forbids classic", "fine-grained"},
		"lifetime":        {"The 'acme' organization forbids access via a fine-grained personal access tokens if the token's lifetime is greater than 366 days.", false, "how long a token lives", "shorter lifetime"},
		"archived":        {"Repository was archived so is read-only.", false, "archived", "unarchive"},
		"workflow":        {"refusing to allow a Personal Access Token to create or update workflow `.github/workflows/x.yml` without `workflow` scope", false, "of workflows is to be changed", "Workflows: write"},
		"message":         {rules + "Commit message must match a given regex pattern: ^[A-Z]+-[0-9]+ .*", true, "another commit message", "message: 'TEAM-1 {{ .Headline }}'"},
		"author":          {rules + "Author email must match a given regex pattern: @acme.com", true, "author or committer", "account that the rule takes"},
		"secret":          {rules + "Secret detected in content", true, "push protection", "take the secret out"},
		"restricted path": {rules + "File path is restricted", true, "restricts the file's path", "does not restrict"},
		"locked branch":   {"Cannot change this locked branch", true, "branch is locked", "unlock it"},
		"signatures":      {rules + "Commits must have verified signatures.", true, "signed commits", "api: graphql"},
	} {
		for _, api := range []config.API{config.APIGraphQL, config.APIREST} {
			t.Run(name+"/"+string(api), func(t *testing.T) {
				s := newOurs(t, api, nil)
				kind, code, status := "FORBIDDEN", http.StatusForbidden, problem.Failed
				if test.rule {
					kind, code, status = "UNPROCESSABLE", http.StatusUnprocessableEntity, problem.Refused
				}
				s.on(writeCall, 1, github.Action{Reply: new(fault(api, code, kind, test.text))})
				_, err := s.client.Bump(t.Context(), s.release(newSHA, "core"))
				wantProblem(t, err, status, test.says, test.remedy)
			})
		}
	}
}

// TestMessageRule meets a ruleset that wants a ticket in every message: the remedy that it names is obeyed by every kind of commit.
func TestMessageRule(t *testing.T) {
	for _, api := range []config.API{config.APIGraphQL, config.APIREST} {
		t.Run(string(api), func(t *testing.T) {
			s := newOurs(t, api, nil)
			if err := s.hub.(ours).RequireMessage(repository, branch, `^OPS-[0-9]+ .*`); err != nil {
				t.Fatal(err)
			}
			s.refused(s.guarded(firstSHA, "core"), "another commit message", "message: 'TEAM-1 {{ .Headline }}'")
			for _, b := range []bump.Bump{s.guarded(firstSHA, "core"), s.guarded(secondSHA, "core"), s.back(secondSHA, firstSHA, config.HoldUntilLift, "core"), s.lift("core")} {
				s.bump(worded(b, "OPS-1 {{ .Headline }}"))
			}
		})
	}
}
