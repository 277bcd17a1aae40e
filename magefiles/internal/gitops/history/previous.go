package history

import (
	"context"
	"maps"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/trailer"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// PreviousQuery selects a state of an environment.
type PreviousQuery struct {
	Application string                    // owner/name, or the service, as in trailer.Source
	Environment string                    // by name
	Now         map[component.Name]string // tags by component, of the components that are to be taken back
	Steps       int                       // how many states back, from 1
	To          string                    // a tag, or a commit of either repository, be it of the state of now; "" counts Steps
	Tags        map[component.Name]string // exactly these, if not nil, be it those of now; then neither Steps nor To counts
}

// State holds the components' tags at a commit of the deployment repository.
type State struct {
	Commit repo.Commit
	Named  map[component.Name]plan.Named // the tags, with the digests that the values have
}

// Previous finds an earlier state in the history of the values, newest first, from a snapshot back; nil where there is none,
// with the number of commits that were looked at. It reads the values themselves, so that it also knows what was deployed
// before this tool, by hand, or by a revert. Trailers only tell which states a rollback took back: these are skipped, so
// that a second rollback goes further back and not forth again.
func (f Finder) Previous(ctx context.Context, s *repo.Snapshot, probe plan.Deployment, want PreviousQuery) (*State, int, error) {
	isOwn := func(repository string) bool { return f.IsSelf(want.Application, repository) }
	search := previousSearch{isSelf: isOwn, PreviousQuery: want, probe: probe, left: want.Steps, undone: map[component.Name]commitid.ID{}}
	search.seen = append(search.seen, want.Now)
	err := f.walker.History(ctx, s, probe, true, func(at *repo.Snapshot) (bool, error) {
		search.visitCommit(at)
		return search.found == nil, nil
	})
	return search.found, search.commits, err
}

// previousSearch is one Previous under way.
type previousSearch struct {
	PreviousQuery
	isSelf  func(repository string) bool // whether a trailer's repository is the application's
	probe   plan.Deployment
	left    int                            // steps
	seen    []map[component.Name]string    // states that were counted
	undone  map[component.Name]commitid.ID // commit: what is newer than it was taken back
	commits int
	found   *State
}

func (s *previousSearch) visitCommit(at *repo.Snapshot) {
	s.commits++
	commit := at.History[0]
	maps.DeleteFunc(s.undone, func(_ component.Name, until commitid.ID) bool { return until == commit.SHA })
	named, err := edit.Named(at, s.probe)
	if err == nil && s.countState(commit, edit.TagsOf(named)) {
		s.found = &State{Commit: commit, Named: named}
	}
	s.skipUndone(commit)
}

// countState counts the states and tells when the wanted one is reached. A commit at which the files could not be read, because
// they had another layout then, is no state.
func (s *previousSearch) countState(commit repo.Commit, tags map[component.Name]string) bool {
	if s.Tags != nil {
		return maps.Equal(tags, s.Tags)
	}
	if s.To != "" {
		return s.isNamed(commit, tags)
	}
	if len(s.undone) > 0 || slices.ContainsFunc(s.seen, func(seen map[component.Name]string) bool { return maps.Equal(seen, tags) }) {
		return false
	}
	s.seen = append(s.seen, tags)
	s.left--
	return s.left == 0
}

// skipUndone notes what a rollback took back: for its components everything between it and what it restored.
func (s *previousSearch) skipUndone(commit repo.Commit) {
	trailers := commit.Trailers()
	repository, _, _ := trailers.Source()
	rejected, restored := trailers.RolledBack()
	if restored == "" || !s.isSelf(repository) || trailers.Get(trailer.Environment) != s.Environment {
		return
	}
	for _, name := range rejected {
		_, wanted := s.Now[name]
		if _, already := s.undone[name]; wanted && !already && restored != commit.SHA {
			s.undone[name] = restored
		}
	}
}

// isNamed reports whether the state is the one that a person named.
func (s *previousSearch) isNamed(commit repo.Commit, tags map[component.Name]string) bool {
	named, _ := commitid.Parse(s.To) // "" where it is a tag
	if named.Abbreviates(commit.SHA) {
		return true
	}
	trailers := commit.Trailers()
	for name, tag := range tags {
		if tag == s.To {
			return true
		}
		if named == "" {
			continue
		}
		repository, sha, _ := trailers.SourceOf(name)
		if s.isSelf(repository) && trailers.Get(trailer.Environment) == s.Environment && trailers.Names(name) &&
			named.Abbreviates(sha) {
			return true
		}
		if end := edit.CommitInTag(tag); end.Abbreviates(named) || named.Abbreviates(end) {
			return true
		}
	}
	return false
}
