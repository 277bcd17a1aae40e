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
	before := t.currentState()
	again := stateOf(t.options, before.index)
	var changed []string
	for _, s := range before.takenSnapshots() {
		now, err := t.takeAgain(ctx, again, s)
		if err != nil {
			return nil, err
		}
		if now.digest != s.digest {
			changed = append(changed, path.Join(s.name, firstDifference(s, now)))
		}
	}
	slices.Sort(changed)
	return slices.Compact(changed), nil
}

// takeAgain takes a Snapshot again.
func (t *Tree) takeAgain(ctx context.Context, again *readState, s *Snapshot) (now *Snapshot, err error) {
	if s.file == "" {
		return t.takeSnapshot(ctx, again, s.dir, s.asked)
	}
	now, _, err = t.takeFile(again, s.dir, s.file)
	return now, err
}

// takenSnapshots returns the snapshots that were taken, and what was read beside them.
func (s *readState) takenSnapshots() (taken []*Snapshot) {
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

// firstDifference returns the first path that two snapshots do not agree in.
func firstDifference(a, b *Snapshot) string {
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
