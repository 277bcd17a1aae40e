package deployment

import (
	"context"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// pageDepth is how many commits are read at once where the history is followed further than a Snapshot's.
const pageDepth = 50

// History visits the commits that touched d's files, newest first, from the snapshot's head back to the first one, until
// visit says no. Each is a Snapshot of that commit, whose History is the commit alone and whose Files are read where
// contents says so; a file that did not exist then is absent from them. Commits of several files are in the order of
// their dates.
func (c *Client) History(ctx context.Context, s *Snapshot, d plan.Deployment, contents bool, visit func(*Snapshot) (bool, error)) error {
	ctx, cancel := c.limit(ctx)
	defer cancel()
	w := walk{backend: c.backend(d), from: s, files: d, contents: contents, seen: map[string]bool{}}
	for _, f := range d.Files {
		w.lines = append(w.lines, &line{path: f.Path})
	}
	for {
		at, err := w.next(ctx)
		if err != nil || at == nil {
			return c.explain(ctx, d, err)
		}
		more, err := visit(at)
		if err != nil || !more {
			return err
		}
	}
}

// walk merges the histories of several files.
type walk struct {
	backend  backend
	from     *Snapshot
	files    plan.Deployment
	contents bool
	lines    []*line
	seen     map[string]bool
}

// line is the history of one file, as far as it has been read.
type line struct {
	path  string
	ahead []*Snapshot // read and not visited
	after string      // where the next page begins
	ended bool
}

// next gives the newest commit that was not visited, nil after the last.
func (w *walk) next(ctx context.Context) (*Snapshot, error) {
	for {
		newest, err := w.newest(ctx)
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

// newest is the line whose next commit has the latest date.
func (w *walk) newest(ctx context.Context) (*line, error) {
	for _, l := range w.lines {
		if len(l.ahead) > 0 || l.ended {
			continue
		}
		page, err := w.backend.page(ctx, w.from, w.files, *l, w.contents)
		if err != nil {
			return nil, err
		}
		l.ahead, l.after, l.ended = page.ahead, page.after, page.ended
	}
	filled := slices.DeleteFunc(slices.Clone(w.lines), func(l *line) bool { return len(l.ahead) == 0 })
	if len(filled) == 0 {
		return nil, nil
	}
	first := slices.DeleteFunc(slices.Clone(filled), func(l *line) bool {
		return slices.ContainsFunc(filled, func(other *line) bool { return other.later(l.ahead[0]) })
	})
	if len(first) == 0 {
		first = filled
	}
	return slices.MaxFunc(first, func(a, b *line) int { return a.ahead[0].History[0].Time.Compare(b.ahead[0].History[0].Time) }), nil
}

// later reports whether the line has newer commits before this one: then dates, which clocks get wrong and which have no
// parts of a second, are not asked.
func (l *line) later(at *Snapshot) bool {
	return slices.ContainsFunc(l.ahead[1:], func(s *Snapshot) bool { return s.Head == at.Head })
}

// at is the snapshot of an earlier commit of the same branch.
func (s *Snapshot) at(commit Commit) *Snapshot {
	return &Snapshot{
		Repository: s.Repository, Branch: s.Branch, Head: commit.SHA, Files: map[string][]byte{}, History: []Commit{commit},
		Permission: s.Permission, asked: s.asked, nodeID: s.nodeID, readAt: s.readAt,
	}
}
