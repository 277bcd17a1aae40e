package worktree

import (
	"path"
	"slices"
	"strings"
)

// Size is the amount of data of a directory that builds request.
type Size struct {
	Files  int
	Bytes  int64
	Folder string // the deepest one with half of the files or bytes; empty: none has
	Within int    // files in Folder
}

// Size returns that of the largest snapshot of a directory that was taken since Open or Reset; zero where none was.
func (t *Tree) Size(dir string) Size {
	var largest Size
	for _, s := range t.snapshotsOf(dir) {
		if size := s.measure(); size.Files > largest.Files || size.Bytes > largest.Bytes && size.Files == largest.Files {
			largest = size
		}
	}
	return largest
}

// snapshotsOf returns the snapshots of a directory that are there.
func (t *Tree) snapshotsOf(dir string) []*Snapshot {
	name := t.absoluteDir(dir)
	return slices.DeleteFunc(t.currentState().takenSnapshots(), func(s *Snapshot) bool { return s.dir != name })
}

func (s *Snapshot) measure() Size {
	var size Size
	files, bytes := map[string]int{}, map[string]int64{}
	for _, it := range s.items {
		if !it.isRegular() {
			continue
		}
		size.Files++
		size.Bytes += it.content.Size
		for dir := path.Dir(it.stat.Path); dir != "."; dir = path.Dir(dir) {
			files[dir]++
			bytes[dir] += it.content.Size
		}
	}
	for dir := range files {
		half := files[dir]*2 > size.Files || bytes[dir]*2 > size.Bytes
		depth, most := strings.Count(dir, "/"), strings.Count(size.Folder, "/")
		if half && (size.Folder == "" || depth > most || depth == most && files[dir] > size.Within) {
			size.Folder, size.Within = dir, files[dir]
		}
	}
	return size
}
