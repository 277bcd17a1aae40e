package rest

import (
	"maps"
	"net/http"
	"strconv"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

// rulesetID is that of the one ruleset of each branch that has any; it says who asks whether he may bypass it.
const rulesetID, bypassedID = 11, 12

// branchRules lists the rules of rulesets on a branch, regardless of who may bypass them; classic protection does not show here.
func branchRules(c *github.Call) (*github.Response, error) {
	rules := []object{}
	if p := c.Repository.Protected(c.Param("branch")); p == github.Ruleset || p == github.Bypassed {
		source := object{"ruleset_source_type": "Repository", "ruleset_source": c.Repository.Path(), "ruleset_id": rulesetID}
		if p == github.Bypassed {
			source["ruleset_id"] = bypassedID
		}
		request := maps.Clone(source)
		request["type"], request["parameters"] = "pull_request", object{
			"required_approving_review_count": 1, "dismiss_stale_reviews_on_push": false, "require_code_owner_review": false,
			"require_last_push_approval": false, "required_review_thread_resolution": false,
		}
		source["type"] = "non_fast_forward"
		rules = append(rules, source, request)
	}
	return paged(c, rules, func(rule object) (object, error) { return rule, nil })
}

func getRuleset(c *github.Call) (*github.Response, error) {
	bypass := map[string]string{strconv.Itoa(rulesetID): "never", strconv.Itoa(bypassedID): "always"}[c.Param("ruleset")]
	if bypass == "" {
		return nil, c.NotFound()
	}
	id, err := strconv.Atoi(c.Param("ruleset"))
	if err != nil {
		return nil, err
	}
	return github.Respond(http.StatusOK, object{
		"id": id, "name": "reviewed changes " +
			"only", "target": "branch", "source_type": "Repository", "source": c.Repository.Path(), "enforcement": "active",
		"current_user_can_bypass": bypass,
	})
}
