package worktree

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/tonistiigi/fsutil"
	fstypes "github.com/tonistiigi/fsutil/types"
)

// contextView is a directory in canonical form as an fsutil.FS, on which BuildKit's filters work.
type contextView struct {
	top   *node
	index indexPart
}

// Walk visits what is below target in fsutil's way: by name, a directory before what is in it, paths relative to the view.
func (v contextView) Walk(ctx context.Context, target string, visit fs.WalkDirFunc) error {
	n := v.top.descend(target)
	if n == nil {
		return ignoreSkip(visit(filepath.Clean(target), nil, &fs.PathError{Op: "lstat", Path: target, Err: fs.ErrNotExist}))
	}
	guarded := func(path string, entry fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err = visit(path, entry, err); isVanished(err) {
			return fs.SkipDir
		}
		return err
	}
	return ignoreSkip(v.walkNode(n, guarded))
}

func (v contextView) walkNode(n *node, visit fs.WalkDirFunc) error {
	path := v.relativePath(n)
	entry := &viewEntry{node: n, view: v, path: path}
	if n != v.top {
		if err := visit(path, entry, nil); err != nil || !n.isDir() {
			if errors.Is(err, fs.SkipDir) && n.isDir() {
				return nil
			}
			return err
		}
	}
	children, err := n.listChildren()
	switch {
	case err != nil && n == v.top:
		return err
	case err != nil:
		if err := visit(path, entry, err); err != nil && !errors.Is(err, fs.SkipDir) {
			return err
		}
	}
	for _, child := range children {
		if err := v.walkNode(child, visit); err != nil {
			if errors.Is(err, fs.SkipDir) {
				break
			}
			return err
		}
	}
	return nil
}

// relativePath is a node's path from the view's top.
func (v contextView) relativePath(n *node) string {
	if v.top.path == "" {
		return n.path
	}
	return n.path[min(len(n.path), len(v.top.path)+1):]
}

// Open implements fsutil.FS; contents are opened by snapshots only.
func (v contextView) Open(path string) (io.ReadCloser, error) {
	return nil, &fs.PathError{Op: "open", Path: path, Err: os.ErrInvalid}
}

func ignoreSkip(err error) error {
	if errors.Is(err, fs.SkipDir) || errors.Is(err, fs.SkipAll) {
		return nil
	}
	return err
}

func isVanished(err error) bool {
	return err != nil && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR))
}

// viewEntry is a node as the filters see it.
type viewEntry struct {
	node *node
	view contextView
	path string
}

// Name implements fs.DirEntry.
func (e *viewEntry) Name() string { return e.node.baseName() }

// IsDir implements fs.DirEntry.
func (e *viewEntry) IsDir() bool { return e.node.isDir() }

// Type implements fs.DirEntry.
func (e *viewEntry) Type() fs.FileMode { return e.node.stat.Mode.Type() }

// Info returns the canonical state, without the content's part of the time.
func (e *viewEntry) Info() (fs.FileInfo, error) {
	s := e.node.stat
	st := &fstypes.Stat{Path: e.path, Mode: uint32(e.view.canonicalMode(e.path, s.Mode)), ModTime: s.Mtime, Linkname: s.Link}
	if s.Mode.IsRegular() {
		st.Size = s.Size
	}
	return &fsutil.StatInfo{Stat: st}, nil
}

// canonicalMode returns the mode that a file has in every clone, whatever the umask and the file system.
func (v contextView) canonicalMode(path string, mode fs.FileMode) fs.FileMode {
	switch {
	case mode.IsDir():
		return fs.ModeDir | 0o755
	case mode&fs.ModeSymlink != 0:
		return fs.ModeSymlink | 0o777
	}
	executable := mode&0o100 != 0
	if file, tracked := v.index.indexedFile(path); tracked && !file.FileMode {
		executable = file.Executable()
	}
	if executable {
		return 0o755
	}
	return 0o644
}
