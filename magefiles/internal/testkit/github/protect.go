package github

import (
	"fmt"
	"maps"
	"net/http"
	"strconv"
)

// Protection is the rule "changes must be made through a pull request" on a branch, in one of GitHub's two forms. They
// refuse the same change with different statuses, types and texts.
type Protection int

// Forms of protection.
const (
	Unprotected Protection = iota
	BranchRule             // classic branch protection
	Ruleset                // repository ruleset, known by GH013 from git push
	Bypassed               // repository ruleset that everyone may bypass
)

// Protect sets the protection of a branch, which may not exist yet. Merging a pull request is still possible.
func (s *Server) Protect(repository, branch string, p Protection) error {
	r, ok := s.find(repository)
	if !ok {
		return fmt.Errorf("protecting %q: no repository %q", branch, repository)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.protection[branch] = p
	return nil
}

func (r *repository) protected(branch string) Protection {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.protection[branch]
}

// Texts of a refusal. The ruleset's, with its blank lines, is what createCommitOnBranch and PATCH git/refs were seen to
// answer; the classic one was recorded for createCommitOnBranch, and its REST form is the same sentence.
const (
	ruleText    = "Changes must be made through a pull request."
	rulesetText = "Repository rule violations found\n\nChanges must be made through a pull request.\n\n"
)

// violation gives GitHub's text against a direct change of a branch, empty where it is allowed.
func (r *repository) violation(branch string) (text string, p Protection) {
	p = r.protected(branch)
	if p == Bypassed {
		p = Unprotected
	}
	return [...]string{Unprotected: "", BranchRule: ruleText, Ruleset: rulesetText}[p], p
}

// rulesetID is that of the one ruleset of each branch that has any; it says who asks whether he may bypass it.
const rulesetID, bypassedID = 11, 12

// branchRules lists the rules of rulesets on a branch, whoever may bypass them; classic protection does not show here.
func branchRules(c *call) (reply, error) {
	rules := []object{}
	if p := c.repo.protected(c.param("branch")); p == Ruleset || p == Bypassed {
		source := object{"ruleset_source_type": "Repository", "ruleset_source": c.repo.path(), "ruleset_id": rulesetID}
		if p == Bypassed {
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
	return respond(http.StatusOK, rules)
}

func getRuleset(c *call) (reply, error) {
	bypass := map[string]string{strconv.Itoa(rulesetID): "never", strconv.Itoa(bypassedID): "always"}[c.param("ruleset")]
	if bypass == "" {
		return reply{}, notFound(c.docs())
	}
	id, err := strconv.Atoi(c.param("ruleset"))
	if err != nil {
		return reply{}, err
	}
	return respond(http.StatusOK, object{
		"id": id, "name": "reviewed changes only", "target": "branch", "source_type": "Repository", "source": c.repo.path(), "enforcement": "active",
		"current_user_can_bypass": bypass,
	})
}
