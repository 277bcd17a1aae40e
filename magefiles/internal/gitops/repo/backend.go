package repo

import (
	"context"
	"errors"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// backend is one way to read and write a branch. Its methods make at most one change to the repository, and return
// Problems for what a user must act on.
type backend interface {
	// read returns the head of d's branch and d's files at that head.
	read(ctx context.Context, d plan.Deployment) (*Snapshot, error)

	// readAll reads several deployments of one branch, each with an error of its own.
	readAll(ctx context.Context, ds []plan.Deployment) []BranchRead

	// commit puts files on the branch if its head still is the snapshot's, and otherwise returns ErrStale.
	// It returns ErrUncertain when the repository may or may not have the commit; it never repeats such a write.
	commit(ctx context.Context, s *Snapshot, files []File, m Message) (Commit, error)

	// historyPage reads on in the history of a file as it was at the snapshot's head, returning the line with the next commits.
	historyPage(ctx context.Context, s *Snapshot, d plan.Deployment, l fileLine, contents bool) (fileLine, error)

	// contents reads d's files at an earlier commit that page returned; those that did not exist stay absent.
	contents(ctx context.Context, at *Snapshot, d plan.Deployment) error
}

var (
	// ErrStale says that the head has moved since the snapshot was read, and that nothing was written.
	ErrStale = errors.New("the branch has moved")

	// ErrUncertain says that the answer to a write was lost; only the branch's history tells whether it happened.
	ErrUncertain = errors.New("the answer to the commit was lost")
)

// Message is a commit message in the two parts that GitHub's API takes.
type Message struct {
	Headline string
	Body     string
}

// String returns the message as git stores it.
func (m Message) String() string { return m.Headline + "\n\n" + m.Body }

// File is a file's whole new content.
type File struct {
	Path   string
	Bytes  []byte
	Delete bool // the file is to go, Bytes is nil
}

// pathsOf are the files' paths.
func pathsOf(files []File) []string {
	all := make([]string, len(files))
	for i, f := range files {
		all[i] = f.Path
	}
	return all
}
