package worktree

import (
	"context"
	"path"
	"slices"
)

// Changed reads again what was served, and returns the files that are others by now, relative to the root, sorted. Where git calls
// the tree clean after a build and nothing has changed since, the build had the commit's files. So the index is not read again.
func (t *Tree) Changed(ctx context.Context) ([]string, error) {
	before := t.current()
	again := &state{root: before.root, hidden: resolveHidden(t.options.Hidden), snapshots: map[string]*pending{}, index: before.index}
	var changed []string
	for _, s := range before.all() {
		now, err := t.take(ctx, again, s.dir, s.asked)
		if err != nil {
			return nil, err
		}
		if now.digest != s.digest {
			changed = append(changed, path.Join(s.name, different(s, now)))
		}
	}
	slices.Sort(changed)
	return slices.Compact(changed), nil
}

// all returns the snapshots that were taken.
func (s *state) all() (taken []*Snapshot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.snapshots {
		select {
		case <-p.done:
			if p.err == nil {
				taken = append(taken, p.snapshot)
			}
		default: // it is being taken
		}
	}
	return taken
}

// different returns the first path that two snapshots do not agree in.
func different(a, b *Snapshot) string {
	was, is := a.Entries(), b.Entries()
	for i := range min(len(was), len(is)) {
		switch {
		case was[i] == is[i]:
		case was[i].Path > is[i].Path:
			return is[i].Path
		default:
			return was[i].Path
		}
	}
	if len(was) > len(is) {
		return was[len(is)].Path
	}
	return is[len(was)].Path
}
