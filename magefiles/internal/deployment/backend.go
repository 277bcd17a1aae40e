package deployment

import (
	"context"
	"errors"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// backend is one way to read and write a branch. Its methods make at most one change to the repository, and return
// Problems for what a user must act on.
type backend interface {
	// read gives the head of d's branch and d's files at that head.
	read(ctx context.Context, d plan.Deployment) (*Snapshot, error)

	// commit puts the draft's files on the branch if its head still is the draft's, and otherwise returns errStale.
	// It returns errUncertain when the repository may or may not have the commit; it never repeats such a write.
	commit(ctx context.Context, draft *Draft, m message) (Commit, error)

	// page reads on in the history of a file as it was at the snapshot's head, giving the line with the next commits.
	page(ctx context.Context, s *Snapshot, d plan.Deployment, l line, contents bool) (line, error)

	// contents reads d's files at an earlier commit that page gave; those that did not exist stay absent.
	contents(ctx context.Context, at *Snapshot, d plan.Deployment) error
}

var (
	// errStale: the head has moved since the draft was read, nothing was written.
	errStale = errors.New("the branch has moved")

	// errUncertain: the answer to a write was lost; only the branch's history tells whether it happened.
	errUncertain = errors.New("the answer to the commit was lost")
)

// message is a commit message in the two parts that GitHub's API takes.
type message struct {
	headline string
	body     string
}
