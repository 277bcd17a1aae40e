// Package deployer provides the credential for the deployment repositories: a GitHub App where one is set, else a token.
package deployer

import (
	"cmp"
	"context"
	"errors"
	"sync"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/credential"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/github/app"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Options are the credentials of a run for its deployments.
type Options struct {
	GitHub    github.Options      // with the token's
	Token     string              // the token's variable: DEPLOY_TOKEN, or DEPLOY_READ_TOKEN of a run that only reads
	OnlyReads bool                // the token is there to read only
	AppID     string              // DEPLOY_APP_ID
	AppKey    string              // DEPLOY_APP_KEY: the key in PEM, or its file
	Hide      func(secret string) // gets every secret as soon as it exists
	Plan      func() *plan.Plan   // what is to be done; nil where that is not known
}

// Deployer is the identity that deploys. An App has a token for each repository, which all clients of a run share.
type Deployer struct {
	options Options

	once    sync.Once
	app     *app.App // nil: the token
	err     error    // why there is no App where one is set
	mu      sync.Mutex
	sources map[string]credential.Source // by repository, in lower case
}

// New returns the Deployer of a run. Invalid App settings are reported on first use.
func New(o Options) *Deployer { return &Deployer{options: o, sources: map[string]credential.Source{}} }

// IsSet reports whether there is anything to deploy with.
func (d *Deployer) IsSet() bool { return d.usesApp() || d.options.GitHub.Token != "" }

// usesApp reports whether an App is set, be it in parts. It goes before a token: it is set where that is to be given up.
func (d *Deployer) usesApp() bool {
	return cmp.Or(d.options.AppID, d.options.AppKey) != ""
}

// Identity returns what messages call it.
func (d *Deployer) Identity() github.Identity {
	if d.usesApp() {
		return app.Identity(d.options.AppID)
	}
	return github.Identity{Name: d.options.Token, ReadOnly: d.options.OnlyReads}
}

// IgnoresToken reports whether a token is set and not used.
func (d *Deployer) IgnoresToken() bool {
	return d.usesApp() && d.options.GitHub.Token != ""
}

// GitHub returns how to reach GitHub as the deployer. Its error is one of the App's settings.
func (d *Deployer) GitHub() (github.Options, error) {
	options := d.options.GitHub
	options.Identity = d.Identity()
	deployApp, err := d.App()
	if err == nil && deployApp != nil {
		options.Token, options.Sources = "", d.source
	}
	return options, err
}

// Lineage tells how commits of the deployment repositories stand to each other.
type Lineage struct {
	comparer *github.Comparer
	name     string
}

// Lineage returns what waiting for Argo CD asks about the revisions that it sees.
func (d *Deployer) Lineage() (*Lineage, error) {
	options, err := d.GitHub()
	if err != nil {
		return nil, err
	}
	comparer, err := github.NewComparer(options)
	return &Lineage{comparer: comparer, name: options.Identity.Name}, err
}

// Compare implements argocd.Ancestry.
func (l *Lineage) Compare(ctx context.Context, repository string, base, head commitid.ID) (git.Comparison, error) {
	answer, err := l.comparer.Compare(ctx, repository, base, head)
	if errors.Is(err, github.ErrNoAccess) {
		err = problem.New(problem.Failed, "let "+l.name+" have Contents: read on "+repository, "%w", err)
	}
	return answer, err
}
