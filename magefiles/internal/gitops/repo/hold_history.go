package repo

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/trailer"
)

// HoldCommits returns the latest commits that touched the holds, newest first.
func (s *Store) HoldCommits(ctx context.Context, at *Snapshot) ([]Commit, error) {
	var commits []Commit
	for _, path := range at.HoldPaths() {
		history, err := s.restOf(at).fileHistory(ctx, at, path)
		if err != nil {
			return nil, fmt.Errorf("looking for the commit in the history of %s: %w", at.Place(path), err)
		}
		commits = append(commits, history.commits()...)
	}
	return commits, nil
}

// HoldCommit returns the newest commit that changed the holds of a snapshot; the zero Commit where there is none. It is one
// request, which is made only where it is asked for.
func (s *Store) HoldCommit(ctx context.Context, at *Snapshot) (Commit, error) {
	path := at.HoldPath
	if at.HoldBytes == nil {
		if len(at.FormerBytes) == 0 {
			return Commit{}, nil
		}
		path = slices.Min(slices.Collect(maps.Keys(at.FormerBytes)))
	}
	history, err := s.restOf(at).fileHistory(ctx, at, path)
	if err != nil {
		return Commit{}, err
	}
	commits := holdChanges(history.commits())
	if len(commits) == 0 {
		return Commit{}, nil
	}
	return commits[0], nil
}

// FormerHoldHistory returns the latest commits that touched holds under former names, newest first; none where there are no such.
func (s *Store) FormerHoldHistory(ctx context.Context, at *Snapshot) ([]Commit, error) {
	var commits []Commit
	for _, path := range slices.Sorted(maps.Keys(at.FormerBytes)) {
		history, err := s.restOf(at).fileHistory(ctx, at, path)
		if err != nil {
			return nil, fmt.Errorf("looking for who is held by %s: %w", at.Place(path), err)
		}
		commits = append(commits, history.commits()...)
	}
	return commits, nil
}

// holdChanges are the commits of the file of holds that put or ended one, by a bump or by hand. The others of it record what is kept.
func holdChanges(commits []Commit) []Commit {
	return slices.DeleteFunc(commits, func(c Commit) bool {
		t := c.Trailers()
		return t.Get(trailer.BumpID) != "" && t.Get(trailer.Hold) == "" && t.Get(trailer.Lifted) == ""
	})
}
