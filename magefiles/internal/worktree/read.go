package worktree

import (
	"context"
	"crypto/sha256"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	fstypes "github.com/tonistiigi/fsutil/types"
)

// mostLinks is the maximum number of links that a build follows on the way to one file (containerd/continuity, fs.RootPath).
const mostLinks = 255

// Read returns one file of a directory, through links as a build follows them: within the directory, which they cannot
// leave. What is not there is fs.ErrNotExist. What was read, or was looked for, counts as served for Uncertain and Changed.
func (t *Tree) Read(ctx context.Context, dir, name string) ([]byte, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	dir = t.absoluteDir(dir)
	s := t.currentState()
	snapshot, n, err := t.takeFile(s, dir, name)
	if err != nil {
		return nil, err
	}
	s.noteRead(snapshot)
	if n == nil || n.isDir() {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	data, err := n.readFile()
	if err != nil {
		return nil, t.explainError(dir, &fileError{path: name, err: err})
	}
	return data, nil
}

// readFile reads a file that was hashed.
func (n *node) readFile() ([]byte, error) {
	file, err := n.open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(file)
	if err == nil && sha256.Sum256(data) != n.content.Sum {
		err = errBeingWritten
	}
	return data, err
}

// takeFile is takeSnapshot for one file, and the links on the way to it; it returns the file's node, too, nil where nothing is.
func (t *Tree) takeFile(s *readState, dir, name string) (*Snapshot, *node, error) {
	top, err := s.directoryNode(dir, t.shared.sums)
	if err != nil {
		return nil, nil, err
	}
	snapshot := &Snapshot{dir: dir, name: t.displayName(dir), top: top, file: name}
	v := contextView{top: top}
	var files fileOpener
	defer files.close()
	end := top.followLinks(name, func(path string, n *node) {
		snapshot.asked.Include = append(snapshot.asked.Include, Literal(path))
		if n == nil || n.isDir() || err != nil {
			return
		}
		st := &fstypes.Stat{Path: path, Mode: uint32(v.canonicalMode(path, n.stat.Mode)), Linkname: n.stat.Link}
		it := snapshotItem{stat: st, node: n}
		err = it.readContent(&files)
		snapshot.items = append(snapshot.items, it)
	})
	if err != nil {
		return nil, nil, t.explainError(dir, err)
	}
	snapshot.digest = digestOf(snapshot.items)
	return snapshot, end, nil
}

// noteRead keeps the first reading of a file.
func (s *readState) noteRead(read *Snapshot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if key := read.dir + "\x00" + read.file; s.read[key] == nil {
		s.read[key] = read
	}
}

// Reach returns patterns of what names in a directory lead to as a build follows them: the links on the way, and what is at their
// ends, with all below. None: everything. FollowPaths of BuildKit's filters follow a link for one name only, and take names for
// patterns.
func (t *Tree) Reach(dir string, names []string) ([]string, error) {
	top, err := t.currentState().directoryNode(t.absoluteDir(dir), t.shared.sums)
	if err != nil {
		return nil, err
	}
	var patterns []string
	whole := false
	for _, name := range names {
		top.followLinks(name, func(path string, n *node) {
			patterns = append(patterns, Literal(path))
			whole = whole || n == top
		})
	}
	if whole {
		return nil, nil
	}
	slices.Sort(patterns)
	return slices.Compact(patterns), nil
}

// resolveLinks finds what is at a path below, with links followed; nil where nothing is. `..` stops at the top.
func (n *node) resolveLinks(name string) *node { return n.followLinks(name, func(string, *node) {}) }

// followLinks is resolve that reports the links on the way and what is at the end, by their paths from n. Where nothing is, it reports
// the path that something would have.
func (n *node) followLinks(name string, pass func(path string, n *node)) *node {
	steps := strings.Split(name, "/")
	way := []*node{n}
	below := func(n *node) string { return filepath.ToSlash(contextView{top: way[0]}.relativePath(n)) }
	for links := 0; len(steps) > 0; {
		step := steps[0]
		steps = steps[1:]
		switch step {
		case "", ".":
			continue
		case "..":
			way = way[:max(1, len(way)-1)]
			continue
		}
		last := way[len(way)-1]
		next := last.childNamed(step)
		if next == nil {
			pass(path.Join(below(last), step, path.Join(steps...)), nil)
			return nil
		}
		if next.stat.Mode&fs.ModeSymlink == 0 {
			way = append(way, next)
			continue
		}
		pass(below(next), next)
		if links++; links > mostLinks {
			return nil
		}
		if path.IsAbs(next.stat.Link) {
			way = way[:1]
		}
		steps = slices.Concat(strings.Split(next.stat.Link, "/"), steps)
	}
	end := way[len(way)-1]
	pass(below(end), end)
	return end
}
