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

// Store is the deployment repositories that a token reaches. It is safe for concurrent use.
type Store struct {
	github   *github.Client
	graphql  *graphqlBackend
	rest     *restBackend
	api      config.API
	deadline Deadline
}

// NewStore returns a Store; api is for deployments that name none.
func NewStore(client *github.Client, api config.API, deadline Deadline, clock backoff.Clock) *Store {
	return &Store{
		github:   client,
		graphql:  &graphqlBackend{client: client, clock: clock},
		rest:     &restBackend{client: client, clock: clock},
		api:      api,
		deadline: deadline,
	}
}

// backendOf is the one that the deployment asks for.
func (s *Store) backendOf(d plan.Deployment) backend {
	if cmp.Or(d.API, s.api) == config.APIREST {
		return s.rest
	}
	return s.graphql
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
	data, err := s.github.Archive(ctx, at.Repository, at.Head)
	if err != nil {
		return nil, s.deadline.Explain(ctx, at.Deployment(), diagnosis.Explain(err, at.Deployment(), "downloading"))
	}
	return data, nil
}
