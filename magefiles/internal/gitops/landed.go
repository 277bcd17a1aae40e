package gitops

import (
	"context"

	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
)

// findCommitted looks for the commit of a bump whose answer was lost, in what happened since the snapshot that the bump began with:
// the same bump may have happened long before and been taken back. Be it that the head has moved: a request that was repeated
// below may have been overtaken after it was carried out. A commit of nothing but holds touches none of the files
// that snapshots have the history of, so that the one of the holds is asked for.
func (c *Client) findCommitted(ctx context.Context, id string, begun, now *repo.Snapshot, onlyHolds bool) (repo.Commit, bool, error) {
	found, before := now.History, begun.History
	if onlyHolds {
		var err error
		if found, err = c.Repo.HoldCommits(ctx, now); err != nil {
			return repo.Commit{}, false, err
		}
		if before, err = c.Repo.HoldCommits(ctx, begun); err != nil {
			return repo.Commit{}, false, err
		}
	}
	commit, ok := repo.FirstNew(repo.WithBumpID(found, id), repo.WithBumpID(before, id))
	return commit, ok, nil
}
