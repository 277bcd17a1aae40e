package repo

import (
	"github.com/xiilab/astrago-ci/magefiles/internal/backoff"
	"github.com/xiilab/astrago-ci/magefiles/internal/github"
)

// graphqlBackend is the backend that reads a branch in one query and commits in one mutation. GitHub signs its commits,
// whatever the kind of token (https://docs.github.com/en/graphql/reference/mutations#createcommitonbranch).
type graphqlBackend struct {
	client *github.Client
	clock  backoff.Clock
}

var _ backend = (*graphqlBackend)(nil)
