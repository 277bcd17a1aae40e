package github

import (
	"net/http"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/apps"
)

// Apps are the GitHub Apps that are registered here. A token of an installation is known from its issue to its end.
func (s *Server) Apps() *apps.Directory { return s.apps }

// known reports whether what a request carries is valid for it, and counts its use: a token, or the JSON Web Token of an App, which only
// the operations of Apps take, and verify.
func known(s *Server, c *Call) (used int, ok bool) {
	if c.route != nil && c.route.Signed && apps.LooksSigned(c.token) {
		return 1, true
	}
	if installed, valid := s.apps.Know(c.token); installed {
		return s.access.count(c.token), valid
	}
	return s.access.known(c.token)
}

// grantedOn returns what a token may do on a repository, and whether it sees it.
func grantedOn(s *Server, token, repository string) (Permissions, bool) {
	if installed, _ := s.apps.Know(token); !installed {
		return s.access.on(token, repository)
	}
	allowed, visible := s.apps.Allowed(token, repository)
	levels := map[string]Level{"read": Read, "write": Write}
	return Permissions{
		Contents: levels[allowed["contents"]], PullRequests: levels[allowed["pull_requests"]], Issues: levels[allowed["issues"]],
		Statuses: levels[allowed["statuses"]], Deployments: levels[allowed["deployments"]], App: true,
	}, visible
}

// Signer returns the App that signed the call.
func (c *Call) Signer() (apps.App, error) { return c.Server.apps.Verify(c.token) }

// Inaccessible is GitHub's text for a token that sees a repository and lacks a permission.
func (c *Call) Inaccessible() string {
	if installed, _ := c.Server.apps.Know(c.token); installed {
		return "Resource not accessible by integration"
	}
	return "Resource not accessible by personal access token"
}

// forbidden is the refusal of a token that sees the repository and lacks a permission.
func forbidden(c *Call, want AnyOf) error {
	e := refuse(http.StatusForbidden, c.docs(), c.Inaccessible())
	e.header = map[string]string{"X-Accepted-GitHub-Permissions": want.String()}
	return e
}

// IsApp reports whether the call comes with the token of an App's installation.
func (c *Call) IsApp() bool { return c.Server.apps.Slug(c.token) != "" }

// Sign has GitHub sign a commit.
func (c *Call) Sign(commit string) { c.Server.signed.Store(commit, true) }

// IsVerified reports whether GitHub has signed a commit.
func (s *Server) IsVerified(commit string) bool {
	_, signed := s.signed.Load(commit)
	return signed
}
