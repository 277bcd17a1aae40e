package worktree

import (
	"context"
	"maps"
	"path"
	"slices"
)

// Changed reads again what was served, and returns the files that are others by now, relative to the root, sorted. Where git calls
// the tree clean after a build and nothing has changed since, the build had the commit's files. So the index is not read again.
func (t *Tree) Changed(ctx context.Context) ([]string, error) {
	before := t.current()
	again := stateOf(t.options, before.index)
	var changed []string
	for _, s := range before.all() {
		now, err := t.retake(ctx, again, s)
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

// retake takes a Snapshot again.
func (t *Tree) retake(ctx context.Context, again *state, s *Snapshot) (now *Snapshot, err error) {
	if s.file == "" {
		return t.take(ctx, again, s.dir, s.asked)
	}
	now, _, err = t.takeFile(again, s.dir, s.file)
	return now, err
}

// all returns the snapshots that were taken, and what was read beside them.
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
	return slices.AppendSeq(taken, maps.Values(s.read))
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
