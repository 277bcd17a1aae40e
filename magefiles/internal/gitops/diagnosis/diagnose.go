// Package diagnosis turns refusals of GitHub into Problems that say what to do: about the token, about the rules of the
// deployment repository, and about astrago.yaml.
package diagnosis

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Explain turns a refusal of GitHub into a Problem that says what to do. doing is the gerund in front of the place.
func Explain(err error, d plan.Deployment, doing string) error {
	what := fmt.Sprintf("%s %s@%s", doing, d.Repository, d.Branch)
	by := identity(github.IdentityOf(err))
	if status, ok := errors.AsType[*github.StatusError](err); ok {
		return explainStatus(status, d, by, what)
	}
	if list, ok := errors.AsType[github.GraphQLErrors](err); ok {
		return explainErrors(list, github.HeaderOf(err), d, by, what)
	}
	return fmt.Errorf("%s: %w", what, err)
}

func explainStatus(e *github.StatusError, d plan.Deployment, by identity, what string) error {
	switch {
	case e.Status == http.StatusUnauthorized:
		return problem.New(problem.Failed, by.renewal(d), "%s: GitHub does not accept %s: %w", what, by.token(), e)
	case e.Limited:
		return rateLimited(e.Header, by, what, e)
	case BreaksRule(e.Text):
		return protected(e, d, by, what)
	case e.Status == http.StatusForbidden:
		return lacksPermission(e, e.Header, d, by, what)
	case e.Status == http.StatusNotFound:
		return problem.New(problem.Failed, "check deploy.repository in astrago.yaml\n"+by.needs(d),
			"%s: not found, or %s has no access: %w", what, by.name(), e)
	}
	return fmt.Errorf("%s: %w", what, e)
}

func explainErrors(list github.GraphQLErrors, header http.Header, d plan.Deployment, by identity, what string) error {
	switch text := list.Error(); {
	case list.Has("RATE_LIMITED"):
		return rateLimited(header, by, what, list)
	case list.Has("BRANCH_PROTECTION_RULE_VIOLATION") || BreaksRule(text):
		return protected(list, d, by, what)
	case list.Has("FORBIDDEN") || list.Has("INSUFFICIENT_SCOPES") || strings.Contains(text, "Resource not accessible"):
		return lacksPermission(list, header, d, by, what)
	case strings.Contains(text, "Branch not found"):
		return NoBranch(d)
	case list.Has("NOT_FOUND"):
		return problem.New(problem.Failed, "check deploy.repository and deploy.branch in astrago.yaml\n"+by.needs(d),
			"%s: not found, or %s has no access: %w", what, by.name(), list)
	}
	return fmt.Errorf("%s: %w", what, list)
}

// BreaksRule recognises a protected branch by its text: classic protection and rulesets differ in type and status, and the
// Git transport's codes (GH006, GH013) are quoted in some answers.
func BreaksRule(text string) bool {
	lower := strings.ToLower(text)
	for _, sign := range []string{"gh006", "gh013", "rule violation", "protected branch", "through a pull request", "locked branch"} {
		if strings.Contains(lower, sign) {
			return true
		}
	}
	return false
}

// Protected is the Problem of rules that forbid a direct commit of an identity.
func Protected(err error, d plan.Deployment, by github.Identity, what string) error {
	return protected(err, d, identity(by), what)
}

func protected(err error, d plan.Deployment, by identity, what string) error {
	if p, found := policyOf(rulePolicies, err.Error()); found {
		return problem.New(problem.Refused, p.remedyFor(by), "%s: %s: %w", what, p.what, err)
	}
	return problem.New(problem.Refused,
		"let "+by.owner()+" bypass the rules of the branch (repository settings, Rules, Bypass list)\n"+
			"or let the bump go through a pull request: deploy.mode: pull-request in astrago.yaml",
		"%s: rules of the branch %q forbid a direct commit: %w", what, d.Branch, err)
}

func lacksPermission(err error, header http.Header, d plan.Deployment, by identity, what string) error {
	remedy := by.needs(d)
	if accepted := header.Get("X-Accepted-Github-Permissions"); accepted != "" {
		remedy += "\nGitHub accepts: " + accepted
	}
	_, url, signOn := strings.Cut(header.Get("X-Github-Sso"), "url=")
	authorise := "authorise the token for the organisation's single sign-on: " + url
	if signOn {
		remedy = authorise + "\n" + remedy
	}
	if p, found := policyOf(accessPolicies, err.Error()); found {
		if signOn {
			p.remedy = authorise
		}
		return problem.New(problem.Failed, p.remedyFor(by), "%s: %s: %w", what, p.what, err)
	}
	return problem.New(problem.Failed, remedy, "%s: %s lacks a permission: %w", what, by.name(), err)
}

// rateLimited is a limit that outlasts the deadline or the tries.
func rateLimited(header http.Header, by identity, what string, err error) error {
	remedy := problem.Again + ", in a few minutes"
	if reset, e := strconv.ParseInt(header.Get("X-Ratelimit-Reset"), 10, 64); e == nil && header.Get("X-Ratelimit-Remaining") == "0" {
		remedy = problem.Again + ", after " + time.Unix(reset, 0).UTC().Format(time.RFC3339)
	}
	if !by.App {
		remedy += "; GitHub counts by account, so that a GitHub App or account of its own is not slowed by others"
	}
	return problem.New(problem.Failed, remedy, "%s: the rate limit of %s is used up: %w", what, by.name(), err)
}
