// Package gitops reads and writes the deployment repository through GitHub's API, without a clone. Everything is read
// at one commit, edited as bytes, and committed with a compare-and-swap on the branch's head: when the head has moved,
// the work starts again from the new head's content, so that no other change is lost.
package gitops

import (
	"cmp"
	"context"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/backoff"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/access"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/diagnosis"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/guard"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/history"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/proposal"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
)

const defaultAttempts = 20

// Options configures a Client. Only APIURL and Token are required.
type Options struct {
	github.Options // with what messages call the token; Deadline is for one Read or Bump

	API      config.API // for deployments that name none; GraphQL by default
	Formerly []string   // names that the application's repository and service had before: commits that name them are its own
	Attempts int        // compare-and-swap attempts of one Bump, 20 by default
}

// Client bumps deployment repositories. It is safe for concurrent use.
type Client struct {
	Repo    *repo.Store    // reads them
	History history.Finder // searches their commits
	Access  access.Checker // finds out what the token may do in them

	guards   guard.Guards
	proposer proposal.Proposer
	attempts int
	deadline repo.Deadline
	clock    backoff.Clock
	pause    backoff.Exponential
	notice   func(string)
}

// New returns a Client. Its errors are configuration errors (problem.Usage); nothing is requested yet.
func New(o Options) (*Client, error) {
	clients, err := github.NewClients(o.Options)
	if err != nil {
		return nil, diagnosis.Token(err, o.Identity)
	}
	o.Options = o.WithDefaults()
	deadline := repo.Deadline(o.Deadline)
	store := repo.NewStore(clients, cmp.Or(o.API, config.APIGraphQL), deadline, o.Clock)
	guards := guard.Guards{Store: store, Clock: o.Clock}
	return &Client{
		Repo:     store,
		History:  history.NewFinder(store, o.Formerly),
		Access:   access.NewChecker(clients, deadline),
		guards:   guards,
		proposer: proposal.Proposer{Store: store, Guards: guards, Notice: o.Notice},
		attempts: cmp.Or(o.Attempts, defaultAttempts),
		deadline: deadline,
		clock:    o.Clock,
		pause:    o.Pause(),
		notice:   o.Notice,
	}, nil
}

// CheckOrder refuses (problem.Refused) a draft that a guard forbids: one that would replace a newer build with an older one, or
// a component that is held. It returns what Bump would say of a draft that passes. Bump checks it again for every head that it
// commits on; asking before saves a build that could not be deployed.
func (c *Client) CheckOrder(ctx context.Context, b bump.Bump, draft *edit.Draft) (notices []string, err error) {
	if len(draft.Files) == 0 {
		return nil, nil
	}
	ctx, cancel := c.deadline.Limit(ctx)
	defer cancel()
	b, draft, p, err := c.withProposed(ctx, b, draft)
	if err != nil {
		return nil, err
	}
	v, err := c.guards.Judge(ctx, b, draft, p)
	return append(p.Notices, v.Notices...), err
}

// withProposed adds what an open pull request proposes already to a draft that goes through one; other drafts stay as they are.
func (c *Client) withProposed(
	ctx context.Context, b bump.Bump, draft *edit.Draft,
) (bump.Bump, *edit.Draft, guard.Proposed, error) {
	if b.Deployment.PullRequest == nil {
		return b, draft, guard.Proposed{}, nil
	}
	complete, draft, proposed, err := c.proposer.Complete(ctx, b, draft)
	if err != nil {
		return b, nil, proposed, c.deadline.Explain(ctx, b.Deployment, err)
	}
	return complete, draft, proposed, nil
}

// CheckHolds refuses (problem.Refused) a draft that sets a component that is held. CheckOrder asks the same, of the images that
// are known by then: this asks again once all are, and makes no request where nothing is held and nothing is proposed.
func (c *Client) CheckHolds(ctx context.Context, b bump.Bump, draft *edit.Draft) (notices []string, err error) {
	if len(draft.Files) == 0 {
		return nil, nil
	}
	ctx, cancel := c.deadline.Limit(ctx)
	defer cancel()
	b, draft, p, err := c.withProposed(ctx, b, draft)
	if err != nil {
		return nil, err
	}
	v, err := c.guards.JudgeHolds(ctx, b, draft)
	notices = slices.Concat(p.Notices, v.Notices)
	if err != nil {
		return notices, err
	}
	proposed, err := c.guards.JudgeProposed(ctx, b, draft.Snapshot, p, v.Ended)
	return append(notices, proposed.Notices...), err
}
