package argocd

import (
	"context"
	"fmt"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
)

// Ancestry tells how commits of a deployment repository stand to each other.
type Ancestry interface {
	// Compare tells how head stands to base in a repository (owner/name). An unknown order is an answer (git.Unknown).
	Compare(ctx context.Context, repository string, base, head commitid.ID) (git.Comparison, error)
}

// unknownFor is the time for which an unknown order is accepted: a replica may not have the newest commit yet.
const unknownFor = 15 * time.Second

// commitAncestry reports whether a revision contains a commit, and caches the answers: history does not change.
type commitAncestry struct {
	ancestry Ancestry
	clock    Clock
	known    map[ancestryKey]ancestryQuestion
}

// ancestryKey asks of a repository whether a revision of it contains a commit.
type ancestryKey struct {
	repository       string
	commit, revision commitid.ID
}

type ancestryQuestion struct {
	holds bool
	left  bool      // the commit is in no history of the revision, nor the revision in its: the branch was set to another line
	until time.Time // zero: for ever
}

// contains reports whether the revision is the commit or descends from it. A newer commit may replace it before Argo CD looks, and where a
// job renders manifests, Argo CD always syncs a later commit. A revision that is no commit id is the name of a branch that could not be
// rendered, or a chart's version.
func (l *commitAncestry) contains(ctx context.Context, c Commit, revision string) (bool, error) {
	switch {
	case revision == string(c.SHA):
		return true, nil
	case !commitid.ID(revision).IsWhole() || l.ancestry == nil:
		return false, nil
	}
	question := ancestryKey{c.Repository, c.SHA, commitid.ID(revision)}
	if answer, ok := l.known[question]; ok && (answer.until.IsZero() || l.clock.Now().Before(answer.until)) {
		return answer.holds, nil
	}
	comparison, err := l.ancestry.Compare(ctx, c.Repository, c.SHA, question.revision)
	if err != nil {
		return false, fmt.Errorf("asking whether revision %s holds commit %s: %w",
			question.revision.Short(), c.SHA.Short(), err)
	}
	answer := ancestryQuestion{
		holds: comparison.Relation == git.Ahead || comparison.Relation == git.Identical, left: comparison.Relation == git.Diverged,
	}
	if comparison.Relation == git.Unknown {
		answer.until = l.clock.Now().Add(unknownFor)
	}
	l.known[question] = answer
	return answer.holds, nil
}

// hasDiverged reports whether a revision was found to be on another line of history than the commit.
func (l *commitAncestry) hasDiverged(c Commit, revision string) bool {
	return l.known[ancestryKey{c.Repository, c.SHA, commitid.ID(revision)}].left
}

// allContained reports whether every source holds its commit.
func (l *commitAncestry) allContained(ctx context.Context, places []watchedCommit, at sourceRevisions) (bool, error) {
	for _, w := range places {
		if ok, err := l.contains(ctx, w.Commit, at.ofSource(w.index)); !ok || err != nil {
			return false, err
		}
	}
	return true, nil
}
