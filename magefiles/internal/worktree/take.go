package worktree

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"unicode/utf8"

	"github.com/tonistiigi/fsutil"
	fstypes "github.com/tonistiigi/fsutil/types"
	"golang.org/x/sync/errgroup"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/subpath"
)

// takeSnapshot reads a directory through a filter.
func (t *Tree) takeSnapshot(ctx context.Context, s *readState, dir string, f Filter) (*Snapshot, error) {
	top, err := s.directoryNode(dir, t.shared.sums)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return nil, t.explainError(dir, err)
	case err != nil:
		return nil, problem.New(problem.Failed, "create the directory, or name another context", "opening build context %q: %w",
			t.displayName(dir), pathErrorCause(err))
	}
	index, err := s.index()
	if err != nil {
		return nil, err
	}
	v := contextView{top: top, index: index.subtree(top.absolutePath())}
	asked, excluded := s.excludeNamedOnly(top.absolutePath(), f)
	snapshot := &Snapshot{dir: dir, name: t.displayName(dir), top: top, asked: asked}
	if snapshot.items, err = v.listItems(ctx, asked); err != nil {
		return nil, t.explainError(dir, err)
	}
	if len(excluded) > 0 && requiresAll(snapshot.items, excluded) {
		snapshot.asked = f
		if snapshot.items, err = v.listItems(ctx, f); err != nil {
			return nil, t.explainError(dir, err)
		}
	}
	if err := requireNames(snapshot.items); err != nil {
		return nil, t.explainError(dir, err)
	}
	if err := readAll(ctx, snapshot.items); err != nil {
		return nil, t.explainError(dir, err)
	}
	snapshot.digest = digestOf(snapshot.items)
	return snapshot, nil
}

// displayName is a directory as the configuration has it.
func (t *Tree) displayName(dir string) string {
	if sub, ok := subpath.Of(t.options.Root, dir); ok {
		return sub
	}
	return dir
}

// listItems filters the files.
func (v contextView) listItems(ctx context.Context, f Filter) ([]snapshotItem, error) {
	filtered, err := fsutil.NewFilterFS(v, f.fsOptions())
	if err != nil {
		return nil, err
	}
	var items []snapshotItem
	var kept dirKeeper
	err = filtered.Walk(ctx, "", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		st, ok := info.Sys().(*fstypes.Stat)
		if !ok {
			return fmt.Errorf("reading %q: no state is known", name)
		}
		st.Path = filepath.ToSlash(st.Path)
		it := snapshotItem{stat: st, node: v.top.descend(name)}
		items = append(items, kept.releaseWith(it, v.index.tracksBelow(name))...)
		return nil
	})
	return items, err
}

// dirKeeper holds directories back until a file below them is listed: git knows no empty ones, so no other clone has them. One
// that git tracks a file in is kept, also where no file in it is served.
type dirKeeper struct{ waiting []snapshotItem }

func (k *dirKeeper) releaseWith(it snapshotItem, tracked bool) []snapshotItem {
	for len(k.waiting) > 0 && !isBelow(it.stat.Path, k.waiting[len(k.waiting)-1].stat.Path) {
		k.waiting = k.waiting[:len(k.waiting)-1]
	}
	k.waiting = append(k.waiting, it)
	if fs.FileMode(it.stat.Mode).IsDir() && !tracked {
		return nil
	}
	ready := k.waiting
	k.waiting = nil
	return ready
}

func isBelow(name, dir string) bool {
	return len(name) > len(dir) && name[:len(dir)] == dir && name[len(dir)] == '/'
}

// requireNames refuses what BuildKit's protocol cannot carry: its strings are UTF-8.
func requireNames(items []snapshotItem) error {
	for _, it := range items {
		for _, text := range []string{it.stat.Path, it.stat.Linkname} {
			if !utf8.ValidString(text) {
				return problem.New(problem.Failed, "rename it, or leave it out by .dockerignore",
					"reading %q: the name %q is not UTF-8, and BuildKit takes no other", it.stat.Path, path.Base(text))
			}
		}
	}
	return nil
}

// filesInARow is the number of files that one goroutine reads in a row.
const filesInARow = 32

// readAll reads the files, several at a time.
func readAll(ctx context.Context, items []snapshotItem) error {
	group, ctx := errgroup.WithContext(ctx)
	var next atomic.Int64
	for range 2 * runtime.GOMAXPROCS(0) {
		group.Go(func() error {
			var files fileOpener
			defer files.close()
			for {
				end := int(next.Add(filesInARow))
				if end-filesInARow >= len(items) {
					return nil
				}
				if ctx.Err() != nil {
					return context.Cause(ctx)
				}
				for i := end - filesInARow; i < min(end, len(items)); i++ {
					if err := items[i].readContent(&files); err != nil {
						return err
					}
				}
			}
		})
	}
	return group.Wait()
}

func (it *snapshotItem) readContent(files *fileOpener) (err error) {
	if !it.isRegular() {
		return nil
	}
	if it.content, err = it.node.hashContent(files); err != nil {
		return &fileError{path: it.stat.Path, err: err}
	}
	it.stat.Size, it.stat.ModTime = it.content.Size, it.content.Mtime
	return nil
}

// fileError is a file that cannot be read.
type fileError struct {
	path string
	err  error
}

func (e *fileError) Error() string {
	return fmt.Sprintf("reading %q: %s", e.path, pathErrorCause(e.err))
}
func (e *fileError) Unwrap() error { return e.err }

// pathErrorCause leaves out the path that the system's error names.
func pathErrorCause(err error) error {
	if named, ok := errors.AsType[*fs.PathError](err); ok {
		return named.Err
	}
	return err
}

// explainError adds which context an error is of, and what to do about it.
func (t *Tree) explainError(dir string, err error) error {
	text := fmt.Errorf("reading build context %q: %w", t.displayName(dir), err)
	if p := problem.As(err); p != nil {
		inContext := fmt.Errorf("reading build context %q: %w", t.displayName(dir), p.Err)
		return &problem.Problem{Err: inContext, Remedy: p.Remedy, Status: p.Status}
	}
	switch {
	case errors.Is(err, fs.ErrPermission):
		return &problem.Problem{Err: text, Remedy: "let this user read it, or leave it out by .dockerignore"}
	case errors.Is(err, errBeingWritten), isVanished(err):
		return &problem.Problem{Err: text, Remedy: "wait until the program that writes it has finished, then " + problem.Again}
	}
	return text
}
