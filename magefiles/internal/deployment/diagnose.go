package deployment

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// diagnose turns a refusal of GitHub into a Problem that says what to do. doing is the gerund in front of the place.
func diagnose(err error, d plan.Deployment, doing string) error {
	what := fmt.Sprintf("%s %s@%s", doing, d.Repository, d.Branch)
	if status, ok := errors.AsType[*statusError](err); ok {
		return diagnoseStatus(status, d, what)
	}
	if list, ok := errors.AsType[graphqlErrors](err); ok {
		return diagnoseErrors(list, headerOf(err), d, what)
	}
	return fmt.Errorf("%s: %w", what, err)
}

func diagnoseStatus(e *statusError, d plan.Deployment, what string) error {
	switch {
	case e.status == http.StatusUnauthorized:
		return problem.New(problem.Failed, "set DEPLOY_TOKEN to a token that is neither expired nor revoked.\n"+needs(d),
			"%s: GitHub does not accept DEPLOY_TOKEN: %w", what, e)
	case e.limited:
		return limited(e.header, what, e)
	case breaksRule(e.text):
		return protected(e, d, what)
	case e.status == http.StatusForbidden:
		return forbidden(e, e.header, d, what)
	case e.status == http.StatusNotFound:
		return problem.New(problem.Failed, "check deploy.repository in astrago.yaml.\n"+needs(d),
			"%s: not found, or DEPLOY_TOKEN has no access: %w", what, e)
	}
	return fmt.Errorf("%s: %w", what, e)
}

func diagnoseErrors(list graphqlErrors, header http.Header, d plan.Deployment, what string) error {
	switch text := list.Error(); {
	case list.has("RATE_LIMITED"):
		return limited(header, what, list)
	case list.has("BRANCH_PROTECTION_RULE_VIOLATION") || breaksRule(text):
		return protected(list, d, what)
	case list.has("FORBIDDEN") || list.has("INSUFFICIENT_SCOPES") || strings.Contains(text, "Resource not accessible"):
		return forbidden(list, header, d, what)
	case strings.Contains(text, "Branch not found"):
		return noBranch(d)
	case list.has("NOT_FOUND"):
		return problem.New(problem.Failed, "check deploy.repository and deploy.branch in astrago.yaml.\n"+needs(d),
			"%s: not found, or DEPLOY_TOKEN has no access: %w", what, list)
	}
	return fmt.Errorf("%s: %w", what, list)
}

// breaksRule knows a protected branch by its text: classic protection and rulesets differ in type and status, and the
// Git transport's codes (GH006, GH013) are quoted in some answers.
func breaksRule(text string) bool {
	lower := strings.ToLower(text)
	for _, sign := range []string{"gh006", "gh013", "rule violation", "protected branch", "through a pull request", "locked branch"} {
		if strings.Contains(lower, sign) {
			return true
		}
	}
	return false
}

func protected(err error, d plan.Deployment, what string) error {
	if p, found := policyOf(rulePolicies, err.Error()); found {
		return problem.New(problem.Refused, p.remedy, "%s: %s: %w", what, p.what, err)
	}
	return problem.New(problem.Refused,
		"let the token's owner bypass the rules of the branch (repository settings, Rules, Bypass list),\n"+
			"or let the bump go through a pull request: deploy.mode: pull-request in astrago.yaml.",
		"%s: rules of the branch %q forbid a direct commit: %w", what, d.Branch, err)
}

func forbidden(err error, header http.Header, d plan.Deployment, what string) error {
	remedy := needs(d)
	if accepted := header.Get("X-Accepted-Github-Permissions"); accepted != "" {
		remedy += "\nGitHub accepts: " + accepted
	}
	if _, url, ok := strings.Cut(header.Get("X-Github-Sso"), "url="); ok {
		remedy = "authorise the token for the organisation's single sign-on: " + url + "\n" + remedy
	}
	if p, found := policyOf(accessPolicies, err.Error()); found {
		if _, url, ok := strings.Cut(header.Get("X-Github-Sso"), "url="); ok {
			p.remedy = "authorise the token for the organisation's single sign-on: " + url
		}
		return problem.New(problem.Failed, p.remedy, "%s: %s: %w", what, p.what, err)
	}
	return problem.New(problem.Failed, remedy, "%s: DEPLOY_TOKEN lacks a permission: %w", what, err)
}

// needs is the remedy of every missing permission.
func needs(d plan.Deployment) string {
	if d.PullRequest != nil {
		return fmt.Sprintf("DEPLOY_TOKEN needs, as a fine-grained token or App: Contents and Pull requests read and write on %s; as a classic token: scope repo.", d.Repository)
	}
	return fmt.Sprintf("DEPLOY_TOKEN needs, as a fine-grained token or App: Contents read and write on %s; as a classic token: scope repo.", d.Repository)
}

// limited is a limit that outlasts the deadline or the tries.
func limited(header http.Header, what string, err error) error {
	remedy := problem.Again + ", in a few minutes"
	if reset, e := strconv.ParseInt(header.Get("X-Ratelimit-Reset"), 10, 64); e == nil && header.Get("X-Ratelimit-Remaining") == "0" {
		remedy = problem.Again + ", after " + time.Unix(reset, 0).UTC().Format(time.RFC3339)
	}
	return problem.New(problem.Failed, remedy+"; GitHub counts by account, so that a GitHub App or account of its own is not slowed by others",
		"%s: the rate limit of DEPLOY_TOKEN is used up: %w", what, err)
}
