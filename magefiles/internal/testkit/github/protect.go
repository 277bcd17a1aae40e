package github

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
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

// RequireMessage adds the rule of a ruleset that the message of every new commit on a branch, also that of a merge, matches a
// regular expression.
func (s *Server) RequireMessage(repository, branch, pattern string) error {
	r, ok := s.find(repository)
	if !ok {
		return fmt.Errorf("protecting %q: no repository %q", branch, repository)
	}
	expression, err := regexp.Compile(pattern)
	if err != nil {
		return fmt.Errorf("protecting %q: %w", branch, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wording[branch] = expression
	return nil
}

// misworded returns GitHub's text against a message of a new commit, empty where it is allowed or there is no new commit.
func (r *repository) misworded(branch, message string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if pattern := r.wording[branch]; message != "" && pattern != nil && !pattern.MatchString(message) {
		return "Repository rule violations found\n\nCommit message must match a given regex pattern: " + pattern.String() + "\n\n"
	}
	return ""
}

// messageOf is the message of a commit, empty for what is none.
func (r *repository) messageOf(sha string) string {
	commit, err := r.git.Commit(sha)
	if err != nil {
		return ""
	}
	return commit.Message
}

// violation returns GitHub's text against a direct change of a branch by a commit with this message, empty where it is allowed.
func (r *repository) violation(branch, message string) (text string, p Protection) {
	if text := r.misworded(branch, message); text != "" {
		return text, Ruleset
	}
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
		"id": id, "name": "reviewed changes " +
			"only", "target": "branch", "source_type": "Repository", "source": c.repo.path(), "enforcement": "active",
		"current_user_can_bypass": bypass,
	})
}
