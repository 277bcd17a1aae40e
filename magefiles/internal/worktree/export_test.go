package worktree

// Taken returns the snapshots of a directory that were asked for so far, with the filters as they were asked for.
func (t *Tree) Taken(dir string) (filters []Filter, snapshots []*Snapshot) {
	s := t.current()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.snapshots {
		if p.snapshot != nil && p.snapshot.dir == t.absolute(dir) {
			filters, snapshots = append(filters, p.filter), append(snapshots, p.snapshot)
		}
	}
	return filters, snapshots
}
