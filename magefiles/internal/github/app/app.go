// Package app speaks to GitHub as a GitHub App: it signs what says which App asks, finds where the App is installed, and gets
// tokens there, each for one repository and for what is asked for it.
package app

import (
	"context"
	"regexp"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/backoff"
	"github.com/xiilab/astrago-ci/magefiles/internal/credential"
	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// settle is the time during which GitHub may refuse a new token: not all of its servers know it at once. A token that ended meanwhile is
// replaced within the tries of one request.
const settle = 3 * time.Second

// maxBody bounds GitHub's answers about installations and tokens, which have some kilobytes.
const maxBody = 1 << 20

// Options configures an App. GitHub's address, ID and Key are required.
type Options struct {
	GitHub github.Options      // its Token and Sources are not used
	ID     string              // DEPLOY_APP_ID: the App's id, or its client id
	Key    string              // DEPLOY_APP_KEY: a private key of the App, in PEM
	Hide   func(secret string) // gets every secret as soon as it exists
}

// App is a GitHub App. It is safe for concurrent use.
type App struct {
	client *github.Client
	clock  backoff.Clock
	secret func(string)
}

// idGrammar is that of ids (12345) and of client ids (Iv1.0123456789abcdef, Iv23liABCDEFGHIJKLMN).
var idGrammar = regexp.MustCompile(`^(?:[0-9]{1,20}|Iv[0-9A-Za-z.]{10,40})$`)

// New returns an App. Its errors are configuration errors (problem.Usage); nothing is requested yet.
func New(o Options) (*App, error) {
	if !idGrammar.MatchString(o.ID) {
		return nil, problem.New(problem.Usage,
			"set DEPLOY_APP_ID to the App ID (a number) or the Client ID (Iv…) of its settings' first page",
			"reading DEPLOY_APP_ID: %q is not the id of a GitHub App", o.ID)
	}
	key, err := parseKey(o.Key)
	if err != nil {
		return nil, err
	}
	options := o.GitHub.WithDefaults()
	options.Identity, options.MaxBody = Identity(o.ID), maxBody
	a := &App{clock: options.Clock, secret: o.Hide}
	signer := &signer{issuer: o.ID, key: key, clock: options.Clock, hide: a.hide}
	a.client, err = github.NewWith(options, signedSource{credential.NewRenewing(signer.issue, 0, options.Clock)})
	return a, err
}

// hide tells a token, and its last part where that is a signature: the parts before it may stand anywhere.
func (a *App) hide(token string) {
	a.secret(token)
	if dot := strings.LastIndex(token, "."); dot >= 0 {
		a.secret(token[dot+1:])
	}
}

// Identity returns the App's identity for messages.
func Identity(id string) github.Identity { return github.Identity{Name: "GitHub App " + id, App: true} }

// Source gives tokens for one repository (owner/name) with the permissions, and renews them.
func (a *App) Source(repository string, p Permissions) credential.Source {
	return credential.NewRenewing(func(ctx context.Context) (credential.Issued, error) {
		grant, err := a.Grant(ctx, repository, p)
		return credential.Issued{Token: grant.token, Lifetime: grant.Lifetime}, err
	}, settle, a.clock)
}

// signedSource renews an expired signature. One that is refused is wrong, and so would be the next.
type signedSource struct{ *credential.Renewing }

// Refused implements credential.Source.
func (signedSource) Refused(context.Context, string) bool { return false }
