package github

import (
	"context"
	"errors"
	"fmt"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/bare"
)

// Merging says what the rules of a repository ask for before a pull request is merged.
type Merging struct {
	NoAutoMerge bool // "Allow auto-merge" of the settings is off, as it is in a new repository
	Review      bool // an approving review, which this server never gets: pull requests stay blocked
	Checks      bool // checks that are not required have not succeeded: pull requests are unstable
}

// SetMerging sets the rules of a repository (owner/name).
func (s *Server) SetMerging(repository string, m Merging) error {
	r, ok := s.find(repository)
	if !ok {
		return fmt.Errorf("setting the rules for merging: no repository %q", repository)
	}
	r.Lock()
	defer r.Unlock()
	r.merging = m
	return nil
}

// Rules returns how a pull request that git can merge stands, and whether auto-merge is allowed.
func (r *Repository) Rules() (state string, autoMerge bool) {
	r.Lock()
	defer r.Unlock()
	switch {
	case r.merging.Review:
		state = "blocked"
	case r.merging.Checks:
		state = "unstable"
	default:
		state = "clean"
	}
	return state, !r.merging.NoAutoMerge
}

// MergeState says whether git could merge the pull request now; null for one that is closed.
func (r *Repository) MergeState(ctx context.Context, p Pull) (mergeable any, state string, err error) {
	if !p.Closed.IsZero() {
		return nil, "unknown", nil
	}
	base, err := r.Git.Resolve("refs/heads/" + p.Base)
	if err != nil {
		return nil, "", err
	}
	_, err = r.Git.Merge(ctx, base, p.HeadSHA)
	switch {
	case errors.Is(err, bare.ErrConflict):
		return false, "dirty", nil
	case err != nil:
		return nil, "", err
	case p.Draft:
		return true, "draft", nil
	}
	state, _ = r.Rules()
	return true, state, nil
}
