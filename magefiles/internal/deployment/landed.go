package deployment

import (
	"context"
	"fmt"
	"slices"
)

// landed looks for the commit of a bump whose answer was lost, in what happened since the snapshot that the bump began with:
// the same bump may have happened long before and been taken back. Be it that the head has moved: a request that was repeated
// below may have been overtaken after it was carried out. A commit of nothing but holds touches none of the files
// that snapshots have the history of, so that the one of the holds is asked for.
func (c *Client) landed(ctx context.Context, id string, begun, now *Snapshot, onlyHolds bool) (Commit, bool, error) {
	found, before := now.History, begun.History
	if onlyHolds {
		var err error
		if found, err = c.holdHistory(ctx, now); err != nil {
			return Commit{}, false, err
		}
		if before, err = c.holdHistory(ctx, begun); err != nil {
			return Commit{}, false, err
		}
	}
	commit, ok := newest(bumped(found, id), bumped(before, id))
	return commit, ok, nil
}

// holdHistory gives the latest commits that touched the holds, newest first.
func (c *Client) holdHistory(ctx context.Context, s *Snapshot) ([]Commit, error) {
	var commits []Commit
	for _, path := range s.holdPaths() {
		history, err := c.rest.history(ctx, s, path)
		if err != nil {
			return nil, fmt.Errorf("looking for the commit in the history of %s: %w", s.place(path), err)
		}
		for _, node := range history.Nodes {
			commits = append(commits, node.commit())
		}
	}
	return commits, nil
}

// bumped gives the commits that carry the Bump-Id, in the same order.
func bumped(commits []Commit, id string) []Commit {
	var found []Commit
	for _, c := range commits {
		if slices.Contains(c.Trailers().All(TrailerBumpID), id) {
			found = append(found, c)
		}
	}
	return found
}

// newest gives the first commit that is not among the earlier ones.
func newest(found, before []Commit) (Commit, bool) {
	for _, commit := range found {
		if !slices.ContainsFunc(before, func(b Commit) bool { return b.SHA == commit.SHA }) {
			return commit, true
		}
	}
	return Commit{}, false
}
