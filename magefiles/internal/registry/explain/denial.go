package explain

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/auth"
)

// explainDenied returns an error that says whose credentials were refused what, and how to get the right. What ghcr.io needs is in GitHub's
// "Working with the Container registry" and in what "permission_denied: write_package" turned out to mean for others.
func (e Explainer) explainDenied(ctx context.Context, doing string, r imageref.Reference, d *auth.Denied) error {
	source := e.Keychain.Source(ctx, r.Host)
	said := auth.ErrDenied.Error()
	if d.Message != "" {
		said += ": " + e.Keychain.Redact(d.Message)
	}
	whose := "without credentials"
	if source != "" {
		whose = "with the credentials from " + source
	}
	cause := rewordedError{text: fmt.Sprintf("%s answered %d, %s, %s", r.Host, d.Status, said, whose), cause: d}
	return problem.New(problem.Failed, e.denialRemedy(ctx, r, d, source), "%s %q: %w", doing, r, cause)
}

func (e Explainer) denialRemedy(ctx context.Context, r imageref.Reference, d *auth.Denied, source string) string {
	token, _ := e.Keychain.Token(r.Host)
	if isQuota(d.Message) {
		return quotaRemedy(r)
	}
	var lines []string
	switch {
	case d.Login && e.lostDollar(ctx, r.Host):
		lines = append(lines, fmt.Sprintf("the user from %s is a robot's without its $, which a shell has taken for a variable's: "+
			"write 'robot$project+name' in single quotes, and $$ in a file of Compose", source))
	case source == "" && token.Name != "":
		lines = append(lines, fmt.Sprintf("set %s, or run: docker login %s", token.Name, r.Host))
	case source == "":
		lines = append(lines, loginRemedy(r.Host))
		if other, ok := e.Keychain.TokenForAnother(r.Host); ok {
			lines = append(lines, fmt.Sprintf("%s is for %s alone; if it is this registry's, set %s=%s", other.Name,
				strings.Join(other.Hosts, ", "), other.HostName, r.Host))
		}
	case d.Login:
		lines = append(lines, fmt.Sprintf("the credentials from %s are mistyped, expired or revoked, or may not see %s", source, r.Path))
	default:
		lines = append(lines, fmt.Sprintf("the credentials from %s are known to %s but lack the right on %s", source, r.Host, r.Path))
	}
	if r.Host == "ghcr.io" {
		return strings.Join(append(lines, e.githubRights(ctx, r, d, cmp.Or(token.Name, "docker login"))...), "\n")
	}
	if source != "" && source != token.Name {
		lines = append(lines, "log in again: docker login "+r.Host)
	}
	return strings.Join(lines, "\n")
}

// loginRemedy says how to give credentials for a registry.
func loginRemedy(host string) string {
	if token, user := auth.VariablesFor(host); token != "" {
		return fmt.Sprintf("set %s and %s, or run: docker login %s", token, user, host)
	}
	return "run: docker login " + host
}

// lostDollar reports whether the user of a registry is one of Harbor's robots, robot$project+name, as a shell leaves it that has put
// nothing in the place of $project.
func (e Explainer) lostDollar(ctx context.Context, host string) bool {
	user, _, err := e.Keychain.Credentials(ctx, host)
	return err == nil && strings.HasPrefix(user, "robot+")
}

// isQuota reports whether a registry refuses for want of space: Harbor answers so with 403 and the code DENIED
// (src/controller/quota), others with 413.
func isQuota(message string) bool {
	message = strings.ToLower(message)
	return strings.Contains(message, "quota") || strings.Contains(message, "exceed the configured upper limit")
}

// quotaRemedy says where the space is.
func quotaRemedy(r imageref.Reference) string {
	project, _, _ := strings.Cut(r.Path, "/")
	return fmt.Sprintf("the quota of the project %s is used up: raise it, or delete old images there and collect garbage; "+
		"what is already there is not sent again", project)
}

// githubRights puts first what the reason is by the token and ghcr.io's own words.
func (e Explainer) githubRights(ctx context.Context, r imageref.Reference, d *auth.Denied, variable string) []string {
	owner, pkg, _ := strings.Cut(r.Path, "/")
	job := "in a workflow: `permissions: { packages: write }` on the job"
	access := fmt.Sprintf("github.com/orgs/%s/packages, Package settings, Manage Actions access, add the repository with the role Write",
		owner)
	link := "a package that was first pushed by hand: " + access
	classic := fmt.Sprintf("on a laptop: a classic personal access token with write:packages for %s; ghcr.io takes no fine-grained ones",
		variable)
	_, secret, _ := e.Keychain.Credentials(ctx, r.Host) // without one nothing is known
	switch {
	case strings.HasPrefix(secret, fineGrained):
		return []string{"the token is a fine-grained one, which ghcr.io does not take for packages", classic, job}
	case strings.Contains(d.Message, "expected scopes"):
		return []string{"the token lacks the scope write:packages", classic, job}
	case strings.Contains(d.Message, "installation not allowed to"), strings.Contains(d.Message, "create_package"):
		return []string{
			"the workflow's token may not write packages: `permissions: { packages: write }` on the job",
			fmt.Sprintf("if it is there: github.com/organizations/%s/settings/packages must let members create packages", owner),
			link,
		}
	case strings.Contains(d.Message, "write_package"):
		return []string{"the package " + pkg + " is there and not linked to the repository that pushes: " + access, job, classic}
	}
	return []string{job, link, classic}
}

// fineGrained begins a fine-grained personal access token (docs.github.com, "About authentication to GitHub").
const fineGrained = "github_pat_"
