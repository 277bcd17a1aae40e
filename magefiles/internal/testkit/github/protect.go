package github

import "fmt"

// Protection is the rule "changes must be made through a pull request" on a branch, in one of GitHub's two forms. They
// refuse the same change with different statuses, types and texts.
type Protection int

// Forms of protection.
const (
	Unprotected Protection = iota
	BranchRule             // classic branch protection
	Ruleset                // repository ruleset, known by GH013 from git push
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
	return [...]string{Unprotected: "", BranchRule: ruleText, Ruleset: rulesetText}[p], p
}
