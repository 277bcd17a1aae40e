package access

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// blockingRules are the types of rules that refuse a commit which no pull request brings
// (https://docs.github.com/en/rest/repos/rules#get-rules-for-a-branch).
var blockingRules = []string{
	"pull_request", "update", "required_status_checks", "required_deployments", "merge_queue", "workflows", "code_scanning",
}

// addRulesets adds the rules of rulesets that are in force on the branch.
func (c Checker) addRulesets(ctx context.Context, d plan.Deployment, found *branchRules) error {
	type activeRule struct {
		Type      string `json:"type"`
		RulesetID int    `json:"ruleset_id"`
	}
	active, err := github.List[activeRule](ctx, c.clients.For(d.Repository), "repos", d.Repository, "rules", "branches", d.Branch)
	if github.HasStatus(err, http.StatusNotFound) { // a server from before rulesets
		return nil
	}
	if err != nil {
		return err
	}
	bypass := map[int]string{}
	for _, rule := range active {
		if !slices.Contains(blockingRules, rule.Type) {
			continue
		}
		if _, known := bypass[rule.RulesetID]; !known {
			if bypass[rule.RulesetID], err = c.bypassOf(ctx, d, rule.RulesetID); err != nil {
				return err
			}
		}
		switch bypass[rule.RulesetID] {
		case "always", "exempt":
		case "never", "pull_requests_only":
			found.blocking = append(found.blocking, "rule "+rule.Type)
		default:
			found.unknown = append(found.unknown, "rule "+rule.Type)
		}
	}
	return nil
}

// bypassOf reports whether the token's owner may bypass a ruleset: always, exempt, pull_requests_only or never; empty where the
// ruleset, mostly an organisation's, does not tell.
func (c Checker) bypassOf(ctx context.Context, d plan.Deployment, ruleset int) (string, error) {
	var set struct {
		Bypass string `json:"current_user_can_bypass"`
	}
	err := c.clients.For(d.Repository).Get(ctx, &set, "repos", d.Repository, "rulesets", fmt.Sprint(ruleset))
	if github.HasStatus(err, http.StatusNotFound, http.StatusForbidden) {
		return "", nil
	}
	return set.Bypass, err
}
