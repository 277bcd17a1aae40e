// Package repo reads and writes branches of the deployment repository through GitHub's API, without a clone. Everything is read at
// one commit, and committed with a compare-and-swap on the branch's head.
package repo

import (
	"cmp"
	"context"

	"github.com/xiilab/astrago-ci/magefiles/internal/backoff"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/diagnosis"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// Store is the deployment repositories that this run reaches, each with its own token. It is safe for concurrent use.
type Store struct {
	clients  *github.Clients
	clock    backoff.Clock
	api      config.API
	deadline Deadline
}

// NewStore returns a Store; api is for deployments that name none.
func NewStore(clients *github.Clients, api config.API, deadline Deadline, clock backoff.Clock) *Store {
	return &Store{clients: clients, clock: clock, api: api, deadline: deadline}
}

// GitHub returns the client for a snapshot's repository: by the name that the configuration has for it, under which its token was
// asked for.
func (s *Store) GitHub(at *Snapshot) *github.Client {
	return s.clients.For(cmp.Or(at.configured, at.Repository))
}

// backendOf is the one that the deployment asks for.
func (s *Store) backendOf(d plan.Deployment) backend {
	client := s.clients.For(d.Repository)
	if cmp.Or(d.API, s.api) == config.APIREST {
		return &restBackend{client: client, clock: s.clock}
	}
	return &graphqlBackend{client: client, clock: s.clock}
}

// restOf reads what of a snapshot's repository is read through REST, whatever the deployment asks for.
func (s *Store) restOf(at *Snapshot) *restBackend {
	return &restBackend{client: s.GitHub(at), clock: s.clock}
}

// Read returns the branch's head with every file of d at that head, in one round trip (one more for each file that GraphQL
// cannot carry exactly: above 512,000 bytes, or not valid UTF-8), and in three through REST. A missing repository, branch
// or file, and a token that may not read them, are Problems.
func (s *Store) Read(ctx context.Context, d plan.Deployment) (*Snapshot, error) {
	ctx, cancel := s.deadline.Limit(ctx)
	defer cancel()
	snapshot, err := s.ReadOnce(ctx, d)
	if err != nil {
		return nil, s.explainLink(ctx, s.deadline.Explain(ctx, d, err))
	}
	return snapshot, nil
}

// ReadOnce is Read as a part of an operation that has a deadline of its own.
func (s *Store) ReadOnce(ctx context.Context, d plan.Deployment) (*Snapshot, error) {
	return s.backendOf(d).read(ctx, d)
}

// Commit puts files on the branch of a snapshot through the API that d asks for. It returns ErrStale where the head is no more
// the snapshot's, and ErrUncertain where the repository may or may not have the commit.
func (s *Store) Commit(ctx context.Context, d plan.Deployment, at *Snapshot, files []File, m Message) (Commit, error) {
	return s.backendOf(d).commit(ctx, at, files, m)
}

// Archive returns the whole repository at the snapshot's head, as github.Client.Archive does.
func (s *Store) Archive(ctx context.Context, at *Snapshot) ([]byte, error) {
	ctx, cancel := s.deadline.Limit(ctx)
	defer cancel()
	data, err := s.GitHub(at).Archive(ctx, at.Repository, at.Head)
	if err != nil {
		return nil, s.deadline.Explain(ctx, at.Deployment(), diagnosis.Explain(err, at.Deployment(), "downloading"))
	}
	return data, nil
}
