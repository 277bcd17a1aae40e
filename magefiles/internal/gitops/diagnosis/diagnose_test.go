package diagnosis

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/problemtest"
)

var stage = plan.Deployment{Repository: "acme/deployment", Branch: "main"}

func refusal(kind, message string) github.GraphQLErrors {
	return github.GraphQLErrors{{Type: kind, Message: message}}
}

// TestRefusalsSayWhatToDo maps GitHub's refusals of both interfaces, whose types and statuses differ for the same thing.
func TestRefusalsSayWhatToDo(t *testing.T) {
	limit := http.Header{"X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset": {"1767225600"}}
	for name, test := range map[string]struct {
		err    error
		status int
		what   string
		remedy string
	}{
		"a revoked token":        {&github.StatusError{Status: 401}, problem.Failed, "does not accept DEPLOY_TOKEN", "neither expired nor revoked"},
		"not to be seen":         {&github.StatusError{Status: 404}, problem.Failed, "not found, or DEPLOY_TOKEN has no access", "check deploy.repository"},
		"unseen, GraphQL":        {refusal("NOT_FOUND", "Could not resolve"), problem.Failed, "not found", "deploy.branch"},
		"no branch":              {refusal("NOT_FOUND", "Branch not found"), problem.Refused, `it has no branch "main"`, "gh api repos/acme/deployment/branches"},
		"a limit":                {&github.StatusError{Status: 403, Limited: true, Header: limit}, problem.Failed, "rate limit", "after 2026-01-01T00:00:00Z"},
		"without reset, GraphQL": {refusal("RATE_LIMITED", "slow down"), problem.Failed, "rate limit", "in a few minutes"},
		"a permission": {
			&github.StatusError{Status: 403, Header: http.Header{"X-Accepted-Github-Permissions": {"contents=write"}}}, problem.Failed,
			"lacks a permission", "GitHub accepts: contents=write",
		},
		"by its text, GraphQL": {refusal("", "Resource not accessible by personal access token"), problem.Failed, "lacks a permission", "Contents read and write on acme/deployment"},
		"single sign-on": {
			&github.StatusError{Status: 403, Text: "Resource protected by organization SAML enforcement", Header: http.Header{"X-Github-Sso": {"required; url=https://github.com/sso"}}},
			problem.Failed, "wants single sign-on", "https://github.com/sso",
		},
		"a protected branch":   {&github.StatusError{Status: 422, Text: "Changes must be made through a pull request."}, problem.Refused, `rules of the branch "main"`, "deploy.mode: pull-request"},
		"protected, GraphQL":   {refusal("BRANCH_PROTECTION_RULE_VIOLATION", "x"), problem.Refused, "rules of the branch", "Bypass list"},
		"a rule with a remedy": {refusal("FORBIDDEN", "Repository rule violations found: Commit message must match"), problem.Refused, "a rule wants another commit message", "word the subject"},
		"an archived one":      {&github.StatusError{Status: 403, Text: "Repository was archived so is read-only."}, problem.Failed, "archived", "unarchive it"},
	} {
		t.Run(name, func(t *testing.T) {
			err := Explain(test.err, stage, "bumping")
			problemtest.Want(t, err, test.status, "", test.what)
			if remedy := problem.As(err).Remedy; !strings.Contains(remedy, test.remedy) {
				t.Errorf("remedy %q, want %q", remedy, test.remedy)
			}
		})
	}
}

// TestOtherErrorsKeepTheirWords behind the place.
func TestOtherErrorsKeepTheirWords(t *testing.T) {
	for _, cause := range []error{errors.New("broken"), &github.StatusError{Status: 500}, refusal("INTERNAL", "oops")} {
		err := Explain(cause, stage, "bumping")
		if problem.As(err) != nil || !strings.HasPrefix(err.Error(), "bumping acme/deployment@main: ") || !strings.Contains(err.Error(), cause.Error()) {
			t.Errorf("%v", err)
		}
	}
}

// TestEveryPolicyIsFoundByEachOfItsSigns, and by no sign of an earlier one.
func TestEveryPolicyIsFoundByEachOfItsSigns(t *testing.T) {
	for _, policies := range [][]refusalPolicy{accessPolicies, rulePolicies} {
		for _, p := range policies {
			for _, sign := range p.signs {
				if sign != strings.ToLower(sign) {
					t.Errorf("%q is not in lower case, and never found", sign)
				}
				if got, found := policyOf(policies, "GitHub says: "+strings.ToUpper(sign)+"."); !found || got.what != p.what {
					t.Errorf("%q is taken for %q", sign, got.what)
				}
			}
		}
	}
	if _, found := RuleRemedy(errors.New("nothing of this")); found {
		t.Error("a remedy for nothing")
	}
}

func TestTokenThatIsNoneIsAMistakeOfItsReader(t *testing.T) {
	for err, text := range map[error]string{github.ErrNoToken: "DEPLOY_TOKEN is not set", github.ErrMalformedToken: "characters that no token has"} {
		problemtest.Want(t, Token(err, github.Identity{}), problem.Usage, "", text)
	}
	if other := errors.New("x"); !errors.Is(Token(other, github.Identity{}), other) || problem.As(Token(other, github.Identity{})) != nil {
		t.Error("another error is taken for one of the token")
	}
}
