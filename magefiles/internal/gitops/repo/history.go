package repo

import (
	"context"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// pageDepth is the number of commits that are read at once where the history is followed further than a Snapshot's.
const pageDepth = 50

// History visits the commits that touched d's files, newest first, from the snapshot's head back to the first one, until
// visit says no. Each is a Snapshot of that commit, whose History is the commit alone and whose Files are read where
// contents says so; a file that did not exist then is absent from them. Commits of several files are in the order of
// their dates.
func (s *Store) History(ctx context.Context, from *Snapshot, d plan.Deployment, contents bool, visit func(*Snapshot) (bool, error)) error {
	ctx, cancel := s.deadline.Limit(ctx)
	defer cancel()
	w := historyWalk{backend: s.backendOf(d), from: from, files: d, contents: contents, seen: map[commitid.ID]bool{}}
	for _, f := range d.Files {
		w.lines = append(w.lines, &fileLine{path: f.Path})
	}
	for {
		at, err := w.nextCommit(ctx)
		if err != nil || at == nil {
			return s.deadline.Explain(ctx, d, err)
		}
		more, err := visit(at)
		if err != nil || !more {
			return err
		}
	}
}

// historyWalk merges the histories of several files.
type historyWalk struct {
	backend  backend
	from     *Snapshot
	files    plan.Deployment
	contents bool
	lines    []*fileLine
	seen     map[commitid.ID]bool
}

// fileLine is the history of one file, as far as it has been read.
type fileLine struct {
	path  string
	ahead []*Snapshot // read and not visited
	after string      // where the next page begins
	ended bool
}

// nextCommit returns the newest commit that was not visited, nil after the last.
func (w *historyWalk) nextCommit(ctx context.Context) (*Snapshot, error) {
	for {
		newest, err := w.newestLine(ctx)
		if err != nil || newest == nil {
			return nil, err
		}
		at := newest.ahead[0]
		newest.ahead = newest.ahead[1:]
		if w.seen[at.Head] {
			continue
		}
		w.seen[at.Head] = true
		if w.contents {
			err = w.backend.contents(ctx, at, w.files)
		}
		return at, err
	}
}

// newestLine is the line whose next commit has the latest date.
func (w *historyWalk) newestLine(ctx context.Context) (*fileLine, error) {
	for _, l := range w.lines {
		if len(l.ahead) > 0 || l.ended {
			continue
		}
		page, err := w.backend.historyPage(ctx, w.from, w.files, *l, w.contents)
		if err != nil {
			return nil, err
		}
		l.ahead, l.after, l.ended = page.ahead, page.after, page.ended
	}
	filled := slices.DeleteFunc(slices.Clone(w.lines), func(l *fileLine) bool { return len(l.ahead) == 0 })
	if len(filled) == 0 {
		return nil, nil
	}
	first := slices.DeleteFunc(slices.Clone(filled), func(l *fileLine) bool {
		return slices.ContainsFunc(filled, func(other *fileLine) bool { return other.hasNewer(l.ahead[0]) })
	})
	if len(first) == 0 {
		first = filled
	}
	return slices.MaxFunc(first, func(a, b *fileLine) int { return a.ahead[0].History[0].Time.Compare(b.ahead[0].History[0].Time) }), nil
}

// hasNewer reports whether the line has newer commits before this one: then dates, which clocks get wrong and which have no
// parts of a second, are not asked.
func (l *fileLine) hasNewer(at *Snapshot) bool {
	return slices.ContainsFunc(l.ahead[1:], func(s *Snapshot) bool { return s.Head == at.Head })
}

// atCommit is the snapshot of an earlier commit of the same branch.
func (s *Snapshot) atCommit(commit Commit) *Snapshot {
	return &Snapshot{
		Repository: s.Repository, Branch: s.Branch, Head: commit.SHA, Files: map[string][]byte{}, History: []Commit{commit},
		Permission: s.Permission, configured: s.configured, nodeID: s.nodeID, ReadAt: s.ReadAt,
	}
}
