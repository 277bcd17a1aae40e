package github

import (
	"fmt"
	"regexp"
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
	r.Lock()
	defer r.Unlock()
	r.protection[branch] = p
	return nil
}

// Protected returns the protection of a branch.
func (r *Repository) Protected(branch string) Protection {
	r.Lock()
	defer r.Unlock()
	return r.protection[branch]
}

// Texts of a refusal. The ruleset's, with its blank lines, is the observed answer of createCommitOnBranch and PATCH git/refs; the classic
// one was recorded for createCommitOnBranch, and its REST form is the same sentence.
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
	r.Lock()
	defer r.Unlock()
	r.wording[branch] = expression
	return nil
}

// Misworded returns GitHub's text against a message of a new commit, empty where it is allowed or there is no new commit.
func (r *Repository) Misworded(branch, message string) string {
	r.Lock()
	defer r.Unlock()
	if pattern := r.wording[branch]; message != "" && pattern != nil && !pattern.MatchString(message) {
		return "Repository rule violations found\n\nCommit message must match a given regex pattern: " + pattern.String() + "\n\n"
	}
	return ""
}

// MessageOf is the message of a commit, empty for what is none.
func (r *Repository) MessageOf(sha string) string {
	commit, err := r.Git.Commit(sha)
	if err != nil {
		return ""
	}
	return commit.Message
}

// Violation returns GitHub's text against a direct change of a branch by a commit with this message, empty where it is allowed.
func (r *Repository) Violation(branch, message string) (text string, p Protection) {
	if text := r.Misworded(branch, message); text != "" {
		return text, Ruleset
	}
	p = r.Protected(branch)
	if p == Bypassed {
		p = Unprotected
	}
	return [...]string{Unprotected: "", BranchRule: ruleText, Ruleset: rulesetText}[p], p
}
