package history

import (
	"context"
	"maps"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/trailer"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// How many commits are looked at for what no command depends on.
const (
	newestDepth = 1000 // messages only
	sinceDepth  = 200  // with the files' contents
)

// Newest finds the newest bump of each component, from a snapshot back. What is in the snapshot's view costs nothing, the
// rest a request for every 50 commits. A component that no bump in the last 1000 commits names has the zero Origin.
func (f Finder) Newest(
	ctx context.Context, s *repo.Snapshot, d plan.Deployment, application, environment string, components []component.Name,
) (map[component.Name]Provenance, error) {
	found := map[component.Name]Provenance{}
	note := func(commit repo.Commit) bool {
		trailers := commit.Trailers()
		if trailers.Get(trailer.Environment) != environment {
			return true
		}
		for _, name := range components {
			repository, sha, _ := trailers.SourceOf(name)
			_, digest := trailers.Image(name)
			if _, known := found[name]; !known && f.IsSelf(application, repository) && digest != "" {
				found[name] = Provenance{TagQuery: TagQuery{Component: name}, Commit: commit, SHA: sha, Digest: digest}
			}
		}
		return len(found) < len(components)
	}
	for _, commit := range s.History {
		if !note(commit) {
			return found, nil
		}
	}
	if len(s.History) < repo.HistoryDepth {
		return found, nil // that was all
	}
	left := newestDepth
	err := f.walker.History(ctx, s, d, false, func(at *repo.Snapshot) (bool, error) {
		left--
		return note(at.History[0]) && left > 0, nil
	})
	return found, err
}

// Since finds, for each component, the commit since which the values have its tag, from a snapshot back; the zero Commit
// where the last 200 commits do not tell.
func (f Finder) Since(
	ctx context.Context, s *repo.Snapshot, probe plan.Deployment, tags map[component.Name]string,
) (map[component.Name]repo.Commit, error) {
	found, last := map[component.Name]repo.Commit{}, map[component.Name]repo.Commit{}
	open := maps.Clone(tags)
	left := sinceDepth
	err := f.walker.History(ctx, s, probe, true, func(at *repo.Snapshot) (bool, error) {
		left--
		for name, tag := range open {
			then, err := edit.Tags(at, edit.Only(probe, name))
			if err != nil || then[name] != tag {
				found[name] = last[name]
				delete(open, name)
				continue
			}
			last[name] = at.History[0]
		}
		return len(open) > 0 && left > 0, nil
	})
	if left > 0 { // the first commit of all had them
		for name := range open {
			found[name] = last[name]
		}
	}
	return found, err
}
