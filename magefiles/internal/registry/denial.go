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
	return problem.New(problem.Failed, c.remedy(ctx, r, d, source), "%s %q: %w", doing, r, cause)
}

func (c *Client) remedy(ctx context.Context, r ref, d *denied, source string) string {
	token, _ := c.keychain.token(r.host)
	var lines []string
	switch {
	case source == "" && token.Name != "":
		lines = append(lines, fmt.Sprintf("set %s, or run: docker login %s", token.Name, r.host))
	case source == "":
		lines = append(lines, "run: docker login "+r.host)
		if other, ok := c.keychain.forAnother(r.host); ok {
			lines = append(lines, fmt.Sprintf("%s is for %s alone; if it is this registry's, set %s=%s", other.Name, strings.Join(other.Hosts, ", "), other.HostName, r.host))
		}
	case d.login:
		lines = append(lines, fmt.Sprintf("the credentials from %s are mistyped, expired or revoked, or may not see %s", source, r.path))
	default:
		lines = append(lines, fmt.Sprintf("the credentials from %s are known to %s but lack the right on %s", source, r.host, r.path))
	}
	if r.host == "ghcr.io" {
		return strings.Join(append(lines, c.githubRights(ctx, r, d, cmp.Or(token.Name, "docker login"))...), "\n")
	}
	if source != "" && source != token.Name {
		lines = append(lines, "log in again: docker login "+r.host)
	}
	return strings.Join(lines, "\n")
}

// githubRights puts first what the token and ghcr.io's own words tell to be the reason.
func (c *Client) githubRights(ctx context.Context, r ref, d *denied, variable string) []string {
	owner, name, _ := strings.Cut(r.path, "/")
	job := "in a workflow: `permissions: { packages: write }` on the job"
	link := fmt.Sprintf("a package that was first pushed by hand: github.com/orgs/%s/packages, Package settings, Manage Actions access, add the repository with the role Write", owner)
	classic := fmt.Sprintf("on a laptop: a classic personal access token with write:packages for %s; ghcr.io takes no fine-grained ones", variable)
	_, secret, _ := c.keychain.Credentials(ctx, r.host) // without one there is nothing to tell
	switch {
	case strings.HasPrefix(secret, fineGrained):
		return []string{"the token is a fine-grained one, which ghcr.io does not take for packages", classic, job}
	case strings.Contains(d.message, "expected scopes"):
		return []string{"the token lacks the scope write:packages", classic, job}
	case strings.Contains(d.message, "installation not allowed to"), strings.Contains(d.message, "create_package"):
		return []string{
			"the workflow's token may not write packages: `permissions: { packages: write }` on the job",
			fmt.Sprintf("if it is there: github.com/organizations/%s/settings/packages must let members create packages", owner),
			link,
		}
	case strings.Contains(d.message, "write_package"):
		return []string{fmt.Sprintf("the package %s is there and not linked to the repository that pushes: github.com/orgs/%s/packages, Package settings, Manage Actions access, add the repository with the role Write", name, owner), job, classic}
	}
	return []string{job, link, classic}
}

// fineGrained begins a fine-grained personal access token (docs.github.com, "About authentication to GitHub").
const fineGrained = "github_pat_"
