package worktree

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// hiddenName is a name in a directory that no build sees.
type hiddenName struct {
	parent fs.FileInfo // the directory, however it is reached
	name   string
	self   fs.FileInfo // what has that name; nil: nothing yet
}

// resolveHidden finds out which names in which directories paths mean. A path may go through links and be one.
func resolveHidden(paths []string) []hiddenName {
	var all []hiddenName
	for _, path := range paths {
		ways := []string{filepath.Clean(path)}
		if target, err := filepath.EvalSymlinks(path); err == nil {
			ways = append(ways, target)
		}
		for _, way := range slices.Compact(ways) {
			parent, err := os.Stat(filepath.Dir(way))
			if err != nil {
				continue // nothing is there that could be served
			}
			h := hiddenName{parent: parent, name: filepath.Base(way)}
			if self, err := os.Lstat(way); err == nil {
				h.self = self
			}
			all = append(all, h)
		}
	}
	return all
}

// withoutHidden leaves out what is hidden in a directory that was opened.
func (d *disk) withoutHidden(dir *os.File, entries []fs.DirEntry) ([]fs.DirEntry, error) {
	if len(d.hidden) == 0 {
		return entries, nil
	}
	info, err := dir.Stat()
	if err != nil {
		return nil, err
	}
	for _, h := range d.hidden {
		if !os.SameFile(h.parent, info) {
			continue
		}
		exact := func(e fs.DirEntry) bool { return e.Name() == h.name }
		if h.self != nil && !slices.ContainsFunc(entries, exact) {
			entries = slices.DeleteFunc(entries, h.matchesEntry) // a file system that takes several spellings for one name
			continue
		}
		entries = slices.DeleteFunc(entries, exact)
	}
	return entries, nil
}

func (h hiddenName) matchesEntry(entry fs.DirEntry) bool {
	info, err := entry.Info()
	return err == nil && os.SameFile(info, h.self)
}
