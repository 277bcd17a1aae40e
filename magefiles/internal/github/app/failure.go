package app

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// request describes a requested token, with the facts that explain a refusal.
type request struct {
	app         *App
	repository  string
	permissions Permissions
	granted     Permissions // to the installation
	account     string      // that it is of
}

// what is the beginning of every error.
func (r request) what() string {
	return fmt.Sprintf("getting a token of %s for %s", r.app.client.Identity().Name, r.repository)
}

// failed is a Problem of the request.
func (r request) failed(remedy, why string, err error) error {
	if err == nil {
		return problem.New(problem.Failed, remedy, "%s: %s", r.what(), why)
	}
	return problem.New(problem.Failed, remedy, "%s: %s: %w", r.what(), why, err)
}

// explainLookup explains why the installation is not known.
func (r request) explainLookup(err error) error {
	status, ok := errors.AsType[*github.StatusError](err)
	switch {
	case !ok:
		return fmt.Errorf("%s: %w", r.what(), err)
	case status.Status == http.StatusNotFound && strings.Contains(status.Text, "Integration not found"):
		return r.failed("set DEPLOY_APP_ID to the App ID or the Client ID of its settings' first page, and GITHUB_API_URL to the GitHub "+
			"that it is registered at: an App of github.com does not exist on GitHub Enterprise Server, nor the other way round",
			r.app.client.Host()+" knows no such App", status)
	case status.Status == http.StatusNotFound:
		return r.failed("install it there: the App's settings, Install App, the repository's owner, Only select repositories, "+
			r.repository+"; or check deploy.repository in astrago.yaml",
			"it is not installed on the repository, or there is no such repository", noAccess{status})
	}
	return r.explainStatus(status)
}

// explainToken explains why an installation gives no token.
func (r request) explainToken(err error) error {
	status, ok := errors.AsType[*github.StatusError](err)
	switch {
	case !ok:
		return fmt.Errorf("%s: %w", r.what(), err)
	case status.Status == http.StatusForbidden && strings.Contains(status.Text, "suspended"):
		return r.suspended(status)
	case status.Status == http.StatusNotFound:
		return r.failed(problem.Again+"; if it was uninstalled, install it again", "its installation is gone", status)
	case status.Status == http.StatusUnprocessableEntity && strings.Contains(status.Text, "permission"):
		missing := r.permissions.without(r.granted)
		if missing == (Permissions{}) {
			missing = r.permissions
		}
		return r.failed("let it have "+missing.String()+": the App's settings, Permissions & events, Repository permissions; then an "+
			"owner of "+r.account+" accepts them (Settings, GitHub Apps, Configure, Review request)",
			"its installation lacks a permission", noAccess{status})
	case status.Status == http.StatusUnprocessableEntity:
		return r.failed("add it to the installation's repositories (Settings, GitHub Apps, Configure, Repository access), or write "+
			"deploy.repository as it is named now", "its installation does not include the repository", noAccess{status})
	}
	return r.explainStatus(status)
}

func (r request) suspended(err error) error {
	return r.failed("an owner of "+r.account+" unsuspends it: Settings, GitHub Apps, Configure, Unsuspend",
		"its installation is suspended", err)
}

// explainStatus explains refusals that are not about the installation.
func (r request) explainStatus(status *github.StatusError) error {
	claim := strings.Contains(status.Text, "claim")
	switch {
	case status.Limited:
		return r.failed(problem.Again+", in a few minutes", "the rate limit of the App is used up", status)
	case status.Status == http.StatusUnauthorized && claim:
		return r.failed("set the clock: timedatectl set-ntp true",
			"GitHub rejects the App's signature: "+r.clock(status.Header), status)
	case status.Status == http.StatusUnauthorized:
		return r.failed("set DEPLOY_APP_KEY to a private key of this App that is listed in its settings (General, Private keys), "+
			"or DEPLOY_APP_ID to the App that the key is of", "the key is not one of this App", status)
	}
	return fmt.Errorf("%s: %w", r.what(), status)
}

// clock tells how this machine's clock is off.
func (r request) clock(header http.Header) string {
	switch skew := ahead(header, r.app.clock.Now()); {
	case skew > 0:
		return fmt.Sprintf("this machine's clock is %s ahead of GitHub's", skew)
	case skew < 0:
		return fmt.Sprintf("this machine's clock is %s behind GitHub's", skew.Abs())
	}
	return "this machine's clock may be off"
}

// noAccess is a refusal that is about one repository: another identity may see it.
type noAccess struct{ *github.StatusError }

// Unwrap returns the refusal.
func (e noAccess) Unwrap() error { return e.StatusError }

// Is implements errors.Is.
func (noAccess) Is(target error) bool { return target == github.ErrNoAccess }
