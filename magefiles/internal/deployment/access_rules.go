package deployment

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// blockingRules are the types of rules that refuse a commit which no pull request brings
// (https://docs.github.com/en/rest/repos/rules#get-rules-for-a-branch).
var blockingRules = []string{
	"pull_request", "update", "required_status_checks", "required_deployments", "merge_queue", "workflows", "code_scanning",
}

// rulesets adds the rules of rulesets that are in force on the branch.
func (r *rest) rulesets(ctx context.Context, d plan.Deployment, found *rules) error {
	var active []struct {
		Type      string `json:"type"`
		RulesetID int    `json:"ruleset_id"`
	}
	err := r.get(ctx, &active, "repos", d.Repository, "rules", "branches", d.Branch)
	if hasStatus(err, http.StatusNotFound) { // a server from before rulesets
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
			if bypass[rule.RulesetID], err = r.bypass(ctx, d, rule.RulesetID); err != nil {
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

// bypass says whether the token's owner may bypass a ruleset: always, exempt, pull_requests_only or never; empty where the
// ruleset, mostly an organisation's, does not tell.
func (r *rest) bypass(ctx context.Context, d plan.Deployment, ruleset int) (string, error) {
	var set struct {
		Bypass string `json:"current_user_can_bypass"`
	}
	err := r.get(ctx, &set, "repos", d.Repository, "rulesets", fmt.Sprint(ruleset))
	if hasStatus(err, http.StatusNotFound, http.StatusForbidden) {
		return "", nil
	}
	return set.Bypass, err
}

// get reads and decodes the answer of one address.
func (r *rest) get(ctx context.Context, into any, path ...string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.endpoint.rest.JoinPath(path...).String(), nil)
	if err != nil {
		return fmt.Errorf("preparing a request: %w", err)
	}
	body, err := r.send(req)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("decoding the answer: %w", err)
	}
	return nil
}
