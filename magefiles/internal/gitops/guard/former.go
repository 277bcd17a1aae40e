package guard

import (
	"context"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/trailer"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// checkFormerNames refuses (problem.Refused) names in `formerly` under which another application still deploys here: its values and its
// holds would be taken for this service's, and end with them.
func (g Guards) checkFormerNames(ctx context.Context, b bump.Bump, s *repo.Snapshot) error {
	if len(b.Formerly) == 0 {
		return nil
	}
	living := livingUnder(b, s.History)
	if living == nil {
		held, err := g.Store.FormerHoldHistory(ctx, s)
		if err != nil {
			return err
		}
		living = foreignIn(b, held)
	}
	if living == nil {
		return nil
	}
	return problem.New(problem.Refused,
		"take the name out of `formerly` in astrago.yaml, if the service is another one; else write all names there that it and its "+
			"repository had, and deploy it under the new one only",
		"refusing to take what is %s's for %s's: `formerly` names it, and it has changed %s itself %s in %s",
		living.by, b.Service, b.Environment, timeAgo(g.Clock.Now().Sub(living.commit.Time)), living.commit.SHA.Short())
}

// livingUnder returns the newest commit that another application made under a former name of this service, nil where none did: one of
// another repository, or one that goes on deploying under that name after this service has deployed under its own. Commits are the newest
// first.
func livingUnder(b bump.Bump, commits []repo.Commit) *writtenBump {
	if foreign := foreignIn(b, commits); foreign != nil {
		return foreign
	}
	var newest *writtenBump // deployment under a former name
	renamed := false        // before it, we have deployed under the present one
	for _, commit := range commits {
		by, ok := writerOf(commit)
		trailers := commit.Trailers()
		if !ok || trailers.Get(trailer.Environment) != b.Environment {
			continue
		}
		deploys := trailers.Deploys()
		switch {
		case !deploys || !b.IsOurs(by.service, by.repository):
		case isPresent(b, by):
			renamed = newest != nil
		case newest == nil:
			newest = &writtenBump{commit: commit, by: by}
		case renamed:
			return newest
		}
	}
	return nil
}

// foreignIn returns the newest commit of another repository under a former name of this service, nil where there is none.
func foreignIn(b bump.Bump, commits []repo.Commit) *writtenBump {
	for _, commit := range commits {
		if by, ok := writerOf(commit); ok && isForeign(b, by) && commit.Trailers().Get(trailer.Environment) == b.Environment {
			return &writtenBump{commit: commit, by: by}
		}
	}
	return nil
}

// isPresent reports whether a writer has the names that the application has now.
func isPresent(b bump.Bump, w writer) bool {
	return strings.EqualFold(w.repository, b.Application()) && (w.service == "" || w.service == b.Service)
}

// isForeign reports whether a writer has a former name of the service and another repository.
func isForeign(b bump.Bump, w writer) bool {
	return w.service != "" && w.service != b.Service && trailer.IsSelf(b.Formerly, b.Service, w.service) &&
		!trailer.IsSelf(b.Formerly, b.Application(), w.repository)
}
