package app

import (
	"strings"

	gogithub "github.com/google/go-github/v62/github"
)

// Permissions are those of a token on its repository: "read", "write", or "" for none. Reading metadata comes with every token.
type Permissions struct {
	Contents     string
	PullRequests string
	Issues       string
}

// permissionNames are the names that an App's settings have for them, in their order.
var permissionNames = [...]string{"Contents", "Pull requests", "Issues"}

func (p Permissions) levels() [3]string { return [...]string{p.Contents, p.PullRequests, p.Issues} }

// String lists them as an App's settings name them.
func (p Permissions) String() string {
	var all []string
	for i, level := range p.levels() {
		switch level {
		case "write":
			all = append(all, permissionNames[i]+": read and write")
		case "read":
			all = append(all, permissionNames[i]+": read-only")
		}
	}
	return strings.Join(all, ", ")
}

// without returns those that others do not include.
func (p Permissions) without(others Permissions) Permissions {
	missing := func(want, have string) string {
		if want == have || have == "write" || have == "admin" {
			return ""
		}
		return want
	}
	return Permissions{
		Contents:     missing(p.Contents, others.Contents),
		PullRequests: missing(p.PullRequests, others.PullRequests),
		Issues:       missing(p.Issues, others.Issues),
	}
}

func (p Permissions) request() *gogithub.InstallationPermissions {
	level := func(text string) *string {
		if text == "" {
			return nil
		}
		return &text
	}
	return &gogithub.InstallationPermissions{Contents: level(p.Contents), PullRequests: level(p.PullRequests), Issues: level(p.Issues)}
}

func permissionsOf(p *gogithub.InstallationPermissions) Permissions {
	return Permissions{Contents: p.GetContents(), PullRequests: p.GetPullRequests(), Issues: p.GetIssues()}
}
