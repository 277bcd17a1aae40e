package repo

import (
	"github.com/xiilab/astrago-ci/magefiles/internal/backoff"
	"github.com/xiilab/astrago-ci/magefiles/internal/github"
)

// restBackend is the backend on GitHub's Git Data interface (https://docs.github.com/en/rest/git), for servers whose GraphQL is
// older than createCommitOnBranch. It writes a tree and a commit that no branch has, and then moves the branch to the
// commit without force. That is the compare-and-swap: a head that has moved is no ancestor of the commit. It differs from
// GraphQL's where the branch is set back to an earlier commit meanwhile, which a fast forward undoes. GitHub signs
// the commit only for an App.
type restBackend struct {
	client *github.Client
	clock  backoff.Clock
}

var _ backend = (*restBackend)(nil)
