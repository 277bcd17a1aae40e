package worktree

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/xiilab/astrago-ci/magefiles/internal/subpath"
	"github.com/xiilab/astrago-ci/magefiles/internal/worktree/hashcache"
)

// disk reads the file system below a directory, each thing of it once, for all snapshots that have it in them.
type disk struct {
	path   string // absolute, without links
	root   *os.Root
	hidden []hiddenName
	sums   *hashcache.Cache
	top    *node
}

// node is a file, directory or link as it was found.
type node struct {
	disk *disk
	path string // relative to the disk, with the system's separators; empty at its top
	base string // last part of path
	stat hashcache.Stat

	listed   sync.Once
	children []*node // by name
	listErr  error

	hashed  sync.Once
	content hashcache.Content
	readErr error
}

// openDisk opens a directory, which is named without links.
func openDisk(path string, hide []hiddenName, known *hashcache.Cache) (*disk, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	d := &disk{path: path, root: root, hidden: hide, sums: known}
	d.top = &node{disk: d, base: ".", stat: hashcache.Stat{Mode: fs.ModeDir}}
	return d, nil
}

// directoryNode returns the node of a directory, which is absolute and may be a link, as BuildKit resolves it.
func (s *readState) directoryNode(dir string, known *hashcache.Cache) (*node, error) {
	path, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.disks {
		if n := d.nodeAt(path); n != nil {
			return n, nil
		}
	}
	if root, err := filepath.EvalSymlinks(s.root); err == nil && len(s.disks) == 0 && root != path { // what overlaps is shared below it
		if d, err := openDisk(root, s.hidden, known); err == nil {
			s.disks = append(s.disks, d)
			if n := d.nodeAt(path); n != nil {
				return n, nil
			}
		}
	}
	d, err := openDisk(path, s.hidden, known)
	if err != nil {
		return nil, err
	}
	s.disks = append(s.disks, d)
	return d.top, nil
}

// nodeAt finds a directory by its absolute path without links; nil where the disk does not have it.
func (d *disk) nodeAt(path string) *node {
	sub, ok := subpath.Of(d.path, path)
	if !ok {
		return nil
	}
	n := d.top.descend(filepath.FromSlash(sub))
	if n == nil || !n.isDir() {
		return nil
	}
	return n
}

// descend finds what is at a path below, without following links; nil where nothing is.
func (n *node) descend(path string) *node {
	for name := range strings.SplitSeq(path, string(filepath.Separator)) {
		if name == "." || name == "" {
			continue
		}
		if n = n.childNamed(name); n == nil {
			return nil
		}
	}
	return n
}

func (n *node) childNamed(name string) *node {
	children, err := n.listChildren()
	if err != nil {
		return nil
	}
	at, found := slices.BinarySearchFunc(children, name, func(c *node, name string) int { return cmp.Compare(c.baseName(), name) })
	if !found {
		return nil
	}
	return children[at]
}

// isDir reports whether it is a directory and no link to one.
func (n *node) isDir() bool { return n.stat.Mode.IsDir() }

func (n *node) baseName() string { return n.base }

// absolutePath is the path in the file system.
func (n *node) absolutePath() string { return filepath.Join(n.disk.path, n.path) }

// listChildren returns what is in a directory by name, without what is hidden and what is neither file, directory nor link.
func (n *node) listChildren() ([]*node, error) {
	n.listed.Do(func() {
		if !n.isDir() {
			return
		}
		n.children, n.listErr = n.readChildren()
	})
	return n.children, n.listErr
}

func (n *node) readChildren() ([]*node, error) {
	dir, err := n.disk.root.Open(cmp.Or(n.path, "."))
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	entries, err := dir.ReadDir(-1)
	if err != nil {
		return nil, err
	}
	if entries, err = n.disk.withoutHidden(dir, entries); err != nil {
		return nil, err
	}
	children := make([]*node, 0, len(entries))
	for _, entry := range entries {
		child, err := n.newChild(entry)
		switch {
		case errors.Is(err, fs.ErrNotExist): // gone by now
		case err != nil:
			return nil, err
		case child.stat.Mode.Type()&^(fs.ModeDir|fs.ModeSymlink) == 0: // else a pipe, socket or device
			children = append(children, child)
		}
	}
	slices.SortFunc(children, func(a, b *node) int { return cmp.Compare(a.baseName(), b.baseName()) })
	return children, nil
}

// newChild looks at an entry of a directory at once: a file that vanishes later would let fsutil leave out its siblings.
func (n *node) newChild(entry fs.DirEntry) (*node, error) {
	info, err := entry.Info()
	if err != nil {
		return nil, err
	}
	path := entry.Name()
	if n.path != "" {
		path = n.path + string(filepath.Separator) + path
	}
	child := &node{disk: n.disk, path: path, base: path[len(path)-len(entry.Name()):], stat: hashcache.StatOf(info)}
	if info.Mode()&fs.ModeSymlink != 0 {
		child.stat.Link, err = n.disk.root.Readlink(child.path)
	}
	return child, err
}
