package bump

import (
	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/hold"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
)

// Result is the outcome of a Bump.
type Result struct {
	Repository string // owner/name
	Branch     string

	// Commit holds the new values: the one made, the earlier one of the same Bump-Id, or else the head, whose values
	// already were the wanted ones. Until a pull request is merged it is on the pull request's branch.
	Commit commitid.ID
	URL    string // of Commit, for people; empty when only the head is known
	Author string // of Commit, by name; empty when only the head is known

	Changes  []edit.Change // empty when UpToDate
	Kept     []hold.Kept   // components whose values were left alone, as their image is the deployed one
	Attempts int           // compare-and-swap attempts, 0 when UpToDate at the first look
	UpToDate bool          // the values already were the wanted ones, nothing was committed
	BumpID   string

	PullRequest *PullRequest // nil: the commit is on the branch itself
}

// Changed is the result of a commit.
func Changed(d *edit.Draft, commit repo.Commit, id string, attempts int) *Result {
	return &Result{
		Repository: d.Snapshot.Repository, Branch: d.Snapshot.Branch, Commit: commit.SHA, URL: commit.URL, Author: commit.By(),
		Changes: d.Changes, Kept: d.Kept, Attempts: attempts, BumpID: id,
	}
}

// Unchanged is the result where nothing was to do.
func Unchanged(d *edit.Draft, id string, attempts int) *Result {
	s := d.Snapshot
	commit, ok := repo.FirstNew(repo.WithBumpID(s.History, id), nil)
	if !ok {
		commit = repo.Commit{SHA: s.Head}
	}
	return &Result{
		Repository: s.Repository, Branch: s.Branch, Commit: commit.SHA, URL: commit.URL, Author: commit.By(),
		Kept: d.Kept, Attempts: attempts, UpToDate: true, BumpID: id,
	}
}

// PullRequest is the pull request in which a bump waits for approval, or was merged.
type PullRequest struct {
	Number int
	URL    string // for people
	Merged bool
}
