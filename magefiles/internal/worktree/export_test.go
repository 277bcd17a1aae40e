package worktree

// Taken returns the snapshots of a directory that were asked for so far, with the filters as they were asked for.
func (t *Tree) Taken(dir string) (filters []Filter, snapshots []*Snapshot) {
	for _, s := range t.snapshotsOf(dir) {
		filters, snapshots = append(filters, s.asked), append(snapshots, s)
	}
	return filters, snapshots
}
