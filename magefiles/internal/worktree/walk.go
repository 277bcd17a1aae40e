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

// view is a directory in canonical form as an fsutil.FS, on which BuildKit's filters work.
type view struct {
	top   *node
	index part
}

// Walk visits what is below target in fsutil's way: by name, a directory before what is in it, paths relative to the view.
func (v view) Walk(ctx context.Context, target string, visit fs.WalkDirFunc) error {
	n := v.top.descend(target)
	if n == nil {
		return ignoreSkip(visit(filepath.Clean(target), nil, &fs.PathError{Op: "lstat", Path: target, Err: fs.ErrNotExist}))
	}
	guarded := func(path string, entry fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err = visit(path, entry, err); vanished(err) {
			return fs.SkipDir
		}
		return err
	}
	return ignoreSkip(v.walk(n, guarded))
}

func (v view) walk(n *node, visit fs.WalkDirFunc) error {
	path := v.rel(n)
	entry := &viewEntry{node: n, view: v, path: path}
	if n != v.top {
		if err := visit(path, entry, nil); err != nil || !n.isDir() {
			if errors.Is(err, fs.SkipDir) && n.isDir() {
				return nil
			}
			return err
		}
	}
	children, err := n.list()
	switch {
	case err != nil && n == v.top:
		return err
	case err != nil:
		if err := visit(path, entry, err); err != nil && !errors.Is(err, fs.SkipDir) {
			return err
		}
	}
	for _, child := range children {
		if err := v.walk(child, visit); err != nil {
			if errors.Is(err, fs.SkipDir) {
				break
			}
			return err
		}
	}
	return nil
}

// rel is a node's path from the view's top.
func (v view) rel(n *node) string {
	if v.top.path == "" {
		return n.path
	}
	return n.path[min(len(n.path), len(v.top.path)+1):]
}

// Open implements fsutil.FS; contents are opened by snapshots only.
func (v view) Open(path string) (io.ReadCloser, error) {
	return nil, &fs.PathError{Op: "open", Path: path, Err: os.ErrInvalid}
}

func ignoreSkip(err error) error {
	if errors.Is(err, fs.SkipDir) || errors.Is(err, fs.SkipAll) {
		return nil
	}
	return err
}

func vanished(err error) bool {
	return err != nil && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR))
}

// viewEntry is a node as the filters see it.
type viewEntry struct {
	node *node
	view view
	path string
}

// Name implements fs.DirEntry.
func (e *viewEntry) Name() string { return e.node.name() }

// IsDir implements fs.DirEntry.
func (e *viewEntry) IsDir() bool { return e.node.isDir() }

// Type implements fs.DirEntry.
func (e *viewEntry) Type() fs.FileMode { return e.node.stat.mode.Type() }

// Info returns the canonical state, without the content's part of the time.
func (e *viewEntry) Info() (fs.FileInfo, error) {
	s := e.node.stat
	st := &fstypes.Stat{Path: e.path, Mode: uint32(e.view.canonical(e.path, s.mode)), ModTime: s.mtime, Linkname: s.link}
	if s.mode.IsRegular() {
		st.Size = s.size
	}
	return &fsutil.StatInfo{Stat: st}, nil
}

// canonical returns the mode that a file has in every clone, whatever the umask and the file system.
func (v view) canonical(path string, mode fs.FileMode) fs.FileMode {
	switch {
	case mode.IsDir():
		return fs.ModeDir | 0o755
	case mode&fs.ModeSymlink != 0:
		return fs.ModeSymlink | 0o777
	}
	executable := mode&0o100 != 0
	if file, tracked := v.index.file(path); tracked && !file.FileMode {
		executable = file.Executable()
	}
	if executable {
		return 0o755
	}
	return 0o644
}
