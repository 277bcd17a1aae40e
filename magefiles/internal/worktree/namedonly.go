package worktree

import (
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/subpath"
)

// resolveNamedOnly makes the names absolute, without links on the way to the root.
func resolveNamedOnly(root string, names []string) []string {
	if resolved, err := filepath.EvalSymlinks(root); err == nil {
		root = resolved
	}
	paths := make([]string, len(names))
	for i, name := range names {
		paths[i] = filepath.Join(root, filepath.FromSlash(name))
	}
	return paths
}

// excludeNamedOnly leaves out of what a build asks for what it does not name, and returns the names. The request alone decides, so that
// a key and what is sent for it agree. The patterns stand first: an exception in .dockerignore brings a file back.
func (s *readState) excludeNamedOnly(dir string, f Filter) (asked Filter, excluded []string) {
	var patterns []string
	for _, file := range s.namedOnly {
		name, ok := subpath.Of(dir, file)
		if !ok || name == "." {
			continue // of another directory, or the directory itself
		}
		if !f.names(name) {
			patterns = append(patterns, Literal(name))
			excluded = append(excluded, name)
		}
	}
	f.Exclude = append(patterns, f.Exclude...)
	return f, excluded
}

// requiresAll reports whether what a build gets needs what is excluded, too: git's own directory, or the file that leads to it, as git
// would call the rest deleted and a version that the build asks it for would be dirty; or a link that would lead nowhere.
func requiresAll(items []snapshotItem, excluded []string) bool {
	return slices.ContainsFunc(items, func(item snapshotItem) bool {
		name := item.stat.Path
		if name == ".git" || strings.HasPrefix(name, ".git/") {
			return true
		}
		if fs.FileMode(item.stat.Mode)&fs.ModeSymlink == 0 {
			return false
		}
		target := path.Join("/", item.stat.Linkname)
		if !path.IsAbs(item.stat.Linkname) {
			target = path.Join("/", path.Dir(name), item.stat.Linkname)
		}
		target = target[1:]
		return slices.ContainsFunc(excluded, func(out string) bool { return target == out || isBelow(target, out) })
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

// IsNamedOnly reports whether a build gets a path of a directory only by its name.
func (t *Tree) IsNamedOnly(dir, name string) bool {
	whole := filepath.Join(t.absoluteDir(dir), filepath.FromSlash(name))
	return slices.ContainsFunc(t.options.NamedOnly, func(out string) bool {
		_, ok := subpath.Of(t.absoluteDir(out), whole)
		return ok
	})
}
