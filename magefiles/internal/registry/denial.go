package registry

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// explainDenied says whose credentials were refused what, and how to get the right. What ghcr.io needs is in GitHub's
// "Working with the Container registry" and in what "permission_denied: write_package" turned out to mean for others.
func (c *Client) explainDenied(ctx context.Context, doing string, r ref, d *denied) error {
	source := c.keychain.Source(ctx, r.host)
	said := ErrDenied.Error()
	if d.message != "" {
		said += ": " + c.keychain.redact(d.message)
	}
	whose := "without credentials"
	if source != "" {
		whose = "with the credentials from " + source
	}
	cause := reworded{text: fmt.Sprintf("%s answered %d, %s, %s", r.host, d.status, said, whose), cause: d}
	return problem.New(problem.Failed, c.remedy(r, d, source), "%s %q: %w", doing, r, cause)
}

func (c *Client) remedy(r ref, d *denied, source string) string {
	token, _ := c.keychain.token(r.host)
	var lines []string
	switch {
	case source == "" && token.Name != "":
		lines = append(lines, fmt.Sprintf("set %s, or run: docker login %s", token.Name, r.host))
	case source == "":
		lines = append(lines, "run: docker login "+r.host)
	case d.login:
		lines = append(lines, fmt.Sprintf("the credentials from %s are mistyped, expired or revoked, or may not see %s", source, r.path))
	default:
		lines = append(lines, fmt.Sprintf("the credentials from %s are known to %s but lack the right on %s", source, r.host, r.path))
	}
	if r.host == "ghcr.io" {
		lines = append(lines, githubRights(r, cmp.Or(token.Name, "docker login"))...)
	} else if source != "" && source != token.Name {
		lines = append(lines, "log in again: docker login "+r.host)
	}
	return strings.Join(lines, "\n")
}

func githubRights(r ref, variable string) []string {
	owner, _, _ := strings.Cut(r.path, "/")
	return []string{
		"in a workflow: `permissions: { packages: write }` on the job",
		fmt.Sprintf("a package that was first pushed by hand: github.com/orgs/%s/packages, Package settings, Manage Actions access, add the repository with the role Write", owner),
		fmt.Sprintf("on a laptop: a classic personal access token with write:packages for %s; ghcr.io takes no fine-grained ones", variable),
	}
}
