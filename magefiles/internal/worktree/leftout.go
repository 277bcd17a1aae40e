package worktree

import (
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// resolveLeftOut makes the names absolute, without links on the way to the root.
func resolveLeftOut(root string, names []string) []string {
	if resolved, err := filepath.EvalSymlinks(root); err == nil {
		root = resolved
	}
	paths := make([]string, len(names))
	for i, name := range names {
		paths[i] = filepath.Join(root, filepath.FromSlash(name))
	}
	return paths
}

// withoutLeftOut leaves out of what a build asks for what it does not name. The request alone decides, so that a key and what is sent
// for it agree. The patterns stand first: an exception in .dockerignore brings a file back.
func (s *readState) withoutLeftOut(dir string, f Filter) Filter {
	var patterns []string
	for _, out := range s.leftOut {
		name, err := filepath.Rel(dir, out)
		if err != nil || !filepath.IsLocal(name) || name == "." {
			continue // of another directory, or the directory itself
		}
		if name = filepath.ToSlash(name); !f.names(name) {
			patterns = append(patterns, Literal(name))
		}
	}
	f.Exclude = append(patterns, f.Exclude...)
	return f
}

// hasGit reports whether a build gets git's own directory, or the file that leads to it. git would call what is left out beside it
// deleted, and a version that the build asks it for would be dirty. Each commit changes such an image anyway.
func hasGit(items []snapshotItem) bool {
	return slices.ContainsFunc(items, func(item snapshotItem) bool {
		return item.stat.Path == ".git" || strings.HasPrefix(item.stat.Path, ".git/")
	})
}

// names reports whether a build asks for a path, or for something in it, by its name and not by a pattern or a directory around it.
func (f Filter) names(name string) bool {
	for _, asked := range slices.Concat(f.Include, f.Follow) {
		if asked = strings.TrimPrefix(path.Clean("/"+asked), "/"); asked == Literal(name) || strings.HasPrefix(asked, Literal(name)+"/") {
			return true
		}
	}
	return false
}

// LeavesOut reports whether a path of a directory is left out of what does not name it.
func (t *Tree) LeavesOut(dir, name string) bool {
	whole := filepath.Join(t.absoluteDir(dir), filepath.FromSlash(name))
	return slices.ContainsFunc(t.options.LeftOut, func(out string) bool {
		rel, err := filepath.Rel(t.absoluteDir(out), whole)
		return err == nil && filepath.IsLocal(rel)
	})
}
