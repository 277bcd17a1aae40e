package worktree

import (
	"os"
	"path/filepath"
)

// Misled reports whether a file of a directory is a link that a build follows elsewhere than the system does: one that leads
// out of the directory, which a build cannot leave.
func (t *Tree) Misled(dir, name string) bool {
	dir = t.absoluteDir(dir)
	top, err := t.currentState().directoryNode(dir, t.shared.sums)
	if err != nil {
		return false
	}
	path := filepath.Join(dir, filepath.FromSlash(name))
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return false // a dangling link leads both nowhere
	}
	info, err := os.Stat(target)
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	n := top.resolveLinks(name)
	return n == nil || n.absolutePath() != target
}
