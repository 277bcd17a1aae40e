package diagnosis

import (
	"net/http"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// refusals are all that GitHub may say, by each interface.
func refusals(by github.Identity) (all []error) {
	place := stage
	texts := []string{"", "Resource not accessible", "Repository rule violations found", "Branch not found"}
	for _, policies := range [][]refusalPolicy{accessPolicies, rulePolicies} {
		for _, p := range policies {
			texts = append(texts, p.signs...)
		}
	}
	for _, pullRequest := range []*config.PullRequest{nil, {}} {
		place.PullRequest = pullRequest
		for _, text := range texts {
			for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusUnprocessableEntity} {
				for _, limited := range []bool{false, true} {
					all = append(all, Explain(&github.StatusError{Status: status, Text: text, Limited: limited, Identity: by}, place, "reading"))
				}
			}
			for _, kind := range []string{"RATE_LIMITED", "FORBIDDEN", "NOT_FOUND", "BRANCH_PROTECTION_RULE_VIOLATION", "INSUFFICIENT_SCOPES"} {
				all = append(all, explainErrors(refusal(kind, text), nil, place, identity(by), "reading"))
			}
		}
		all = append(all, NoRepository(place, by), Protected(refusal("", "x"), place, by, "reading"))
	}
	return append(all, Token(github.ErrMalformedToken, by))
}

// TestWhatIsToBeMended names in every refusal what the request was made as, and never what it was not.
func TestWhatIsToBeMended(t *testing.T) {
	for by, wrong := range map[github.Identity][]string{
		{Name: "DEPLOY_READ_TOKEN", ReadOnly: true}: {"DEPLOY_TOKEN", "read and write", "{"},
		{Name: "GitHub App 12345", App: true}:       {"DEPLOY_TOKEN", "DEPLOY_READ_TOKEN", "token's owner", "classic token", "{"},
		{Name: "DEPLOY_TOKEN"}:                      {"DEPLOY_READ_TOKEN", "the App", "{"},
	} {
		problems := 0
		for _, err := range refusals(by) {
			p := problem.As(err)
			if p == nil {
				continue
			}
			problems++
			for _, word := range wrong {
				if text := err.Error() + "\n" + p.Remedy; strings.Contains(strings.ReplaceAll(text, "{{ .Headline }}", ""), word) {
					t.Errorf("as %s it says %q: %s", by.Name, word, text)
				}
			}
		}
		if problems < 100 {
			t.Errorf("as %s: %d refusals", by.Name, problems)
		}
	}
}

func TestPermissionsOfATokenThatReads(t *testing.T) {
	reader := identity{Name: "DEPLOY_READ_TOKEN", ReadOnly: true}
	proposed := plan.Deployment{Repository: "acme/deployment", PullRequest: &config.PullRequest{}}
	for d, want := range map[*plan.Deployment]string{&stage: ": Contents read on acme/deployment", &proposed: ": Contents and Pull requests read on acme/deployment"} {
		if got := reader.needs(*d); !strings.Contains(got, want) {
			t.Errorf("%q does not say %q", got, want)
		}
	}
}
