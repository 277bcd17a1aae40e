package github

import (
	"strings"
	"sync"
)

// Level is the level of a permission.
type Level int

// Levels of a permission, each with all that the ones before it allow.
const (
	None Level = iota
	Read
	Write
)

// String is GitHub's word for the level, as in X-Accepted-GitHub-Permissions.
func (l Level) String() string {
	return [...]string{"none", "read", "write"}[l]
}

// Permissions of a fine-grained token on one repository. Metadata: read comes with every grant. See
// https://docs.github.com/rest/authentication/permissions-required-for-fine-grained-personal-access-tokens.
type Permissions struct {
	Contents     Level
	PullRequests Level
	Issues       Level // labels of pull requests
	Statuses     Level
	Deployments  Level // that GitHub records for jobs with an environment

	// Role is the role of the token's user, as viewerPermission returns it: ADMIN, MAINTAIN, WRITE, TRIAGE or READ. It is a property of the
	// user, not of the token, and may promise more than the token holds. Empty follows Contents.
	Role string
	App  bool // an App's, which has no role
}

// permission names one requirement of an operation.
type permission struct {
	name  string // GitHub's name: contents, pull_requests, ...
	level Level
}

func (p permission) String() string { return p.name + "=" + p.level.String() }

// Allows reports whether a permission, by GitHub's name, goes as far as a level.
func (p Permissions) Allows(name string, level Level) bool {
	have := map[string]Level{
		"metadata": Read, "contents": p.Contents, "pull_requests": p.PullRequests, "issues": p.Issues,
		"statuses": p.Statuses, "deployments": p.Deployments,
	}
	return have[name] >= level
}

// UserRole returns the user's role: Role, or the one that Contents implies; empty for an App.
func (p Permissions) UserRole() string {
	switch {
	case p.Role != "" || p.App:
		return p.Role
	case p.Contents == Write:
		return "WRITE"
	}
	return "READ"
}

// access knows the tokens and what they may do.
type access struct {
	mu     sync.Mutex
	grants map[string]map[string]Permissions // token -> lower-case owner/name -> permissions
	used   map[string]int                    // token -> requests
}

// Grant returns a token permissions on a repository (owner/name), in place of what it had there. A token that was never
// granted anything is answered 401, and a repository that it has no grant on 404, as GitHub hides what one may not see.
func (s *Server) Grant(token, repository string, p Permissions) {
	s.access.mu.Lock()
	defer s.access.mu.Unlock()
	if s.access.grants == nil {
		s.access.grants, s.access.used = map[string]map[string]Permissions{}, map[string]int{}
	}
	if s.access.grants[token] == nil {
		s.access.grants[token] = map[string]Permissions{}
	}
	s.access.grants[token][strings.ToLower(repository)] = p
}

// Revoke makes a token unknown: every later request with it is answered 401 "Bad credentials".
func (s *Server) Revoke(token string) {
	s.access.mu.Lock()
	defer s.access.mu.Unlock()
	delete(s.access.grants, token)
}

// known reports whether a token is valid, and counts its use.
func (a *access) known(token string) (used int, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, ok = a.grants[token]; ok {
		a.used[token]++
	}
	return a.used[token], ok
}

// count counts a use of a token that is known elsewhere.
func (a *access) count(token string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.used == nil {
		a.grants, a.used = map[string]map[string]Permissions{}, map[string]int{}
	}
	a.used[token]++
	return a.used[token]
}

// on returns a token's permissions on a repository; ok is false where the token cannot see it.
func (a *access) on(token, repository string) (p Permissions, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	p, ok = a.grants[token][strings.ToLower(repository)]
	return p, ok
}

// bearer takes the token out of an Authorization header: "Bearer x" or "token x".
func bearer(header string) (token string, ok bool) {
	scheme, token, found := strings.Cut(header, " ")
	if !found || (!strings.EqualFold(scheme, "bearer") && !strings.EqualFold(scheme, "token")) {
		return "", false
	}
	return strings.TrimSpace(token), true
}
