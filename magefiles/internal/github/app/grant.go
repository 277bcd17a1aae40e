package app

import (
	"context"
	"net/http"
	"regexp"
	"time"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Grant is a token for one repository, with what is known of the App there.
type Grant struct {
	Name        string        // of the App, as its address has it
	Account     string        // where it is installed
	Permissions Permissions   // of the token
	Lifetime    time.Duration // of the token, from now
	Ahead       time.Duration // how far this machine's clock is ahead of GitHub's, to the second

	token string
}

// tokenGrammar takes both forms of an installation's tokens, ghs_ with 36 letters and ghs_ID_JWT of some 520, and others that
// GitHub may come to write; not what could end a header.
var tokenGrammar = regexp.MustCompile(`^[A-Za-z0-9_.~+/=-]+$`)

// longestToken bounds what travels in a header.
const longestToken = 4096

// Grant finds the App's installation on a repository (owner/name) and gets a token there, for this repository alone. Each failure is
// a Problem with a remedy of its own.
func (a *App) Grant(ctx context.Context, repository string, p Permissions) (Grant, error) {
	at := request{app: a, repository: repository, permissions: p}
	owner, name := github.SplitRepository(repository)
	rest := a.client.REST()
	installation, res, err := rest.Apps.FindRepositoryInstallation(ctx, owner, name)
	if err = a.client.Refusal(res, err); err != nil {
		return Grant{}, at.explainLookup(err)
	}
	at.granted, at.account = permissionsOf(installation.GetPermissions()), installation.GetAccount().GetLogin()
	if installation.SuspendedAt != nil {
		return Grant{}, at.suspended(nil)
	}
	made, res, err := rest.Apps.CreateInstallationToken(ctx, installation.GetID(), &gogithub.InstallationTokenOptions{
		Repositories: []string{name}, Permissions: p.request(),
	})
	if err = a.client.Refusal(res, err); err != nil {
		return Grant{}, at.explainToken(err)
	}
	token := made.GetToken()
	a.hide(token)
	now := serverTime(res.Header, a.clock.Now())
	grant := Grant{
		Name: installation.GetAppSlug(), Account: at.account, Permissions: p, Lifetime: made.GetExpiresAt().Sub(now),
		Ahead: ahead(res.Header, a.clock.Now()), token: token,
	}
	if !tokenGrammar.MatchString(token) || len(token) > longestToken || grant.Lifetime <= 0 {
		return Grant{}, problem.New(problem.Failed, problem.Again+"; check GITHUB_API_URL", "%s: the answer has no token that is valid now",
			at.what())
	}
	return grant, nil
}

// serverTime is the time of an answer's Date header (RFC 9110, section 6.6.1), or else this machine's.
func serverTime(header http.Header, now time.Time) time.Time {
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		return date
	}
	return now
}

// ahead returns by how much now is ahead of an answer's Date, which has whole seconds: within a second it is not wrong.
func ahead(header http.Header, now time.Time) time.Duration {
	skew := now.Sub(serverTime(header, now))
	if skew.Abs() <= 2*time.Second {
		return 0
	}
	return skew.Round(time.Second)
}
