// Package worktree serves the files of build contexts exactly as they were hashed. BuildKit compares and sends what a
// directory has at the moment; here one reading of the directory is both what a build is identified by and what it gets,
// in a canonical form that is the same in every clone of a commit.
package worktree

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/worktree/hashcache"
)

// Options says what a Tree serves.
type Options struct {
	// Root is the absolute directory that relative names of directories begin at.
	Root string
	// Hidden are absolute paths that no build sees, such as astrago-ci's own output and the files of secrets. A link is hidden with its
	// target; a directory with all below it.
	Hidden []string
	// NamedOnly are names below Root, with slashes, that a build sees only where it asks for them by name: those of a directory with all
	// below it. `COPY . .` is no name; `COPY NAME` alone is, and `!NAME` in .dockerignore.
	NamedOnly []string
	// CacheDir is an absolute directory that keeps the hashes of many files from run to run. Empty: none does.
	CacheDir string
}

// Tree reads directories for builds, each file once. It is safe for concurrent use.
type Tree struct {
	options Options
	epoch   time.Time // of every file; zero: each has its own time
	shared  *sharedState
}

// sharedState is the state that a Tree shares with those made of it by WithTime.
type sharedState struct {
	options Options
	sums    *hashcache.Cache

	mu    sync.Mutex
	state *readState
}

// readState holds the data read since Open or Reset.
type readState struct {
	root      string
	hidden    []hiddenName
	namedOnly []string                 // absolute
	index     func() (gitIndex, error) // git's, read once

	mu        sync.Mutex
	disks     []*disk
	snapshots map[string]*pendingSnapshot
	read      map[string]*Snapshot // of single files
}

// Open begins to read git's index of the repository that o.Root is in. ctx is that of git's commands.
func Open(ctx context.Context, o Options) (*Tree, error) {
	if !filepath.IsAbs(o.Root) {
		return nil, fmt.Errorf("opening the working tree: %q is not an absolute path", o.Root)
	}
	s := &sharedState{options: o, sums: hashcache.Open(o.Root, o.CacheDir)}
	s.state = newState(ctx, o)
	return &Tree{options: o, shared: s}, nil
}

func newState(ctx context.Context, o Options) *readState {
	read := sync.OnceValues(func() (gitIndex, error) { return readIndex(ctx, o.Root) })
	go func() { _, _ = read() }() // an error shows to the caller that needs the index
	return stateOf(o, read)
}

func stateOf(o Options, index func() (gitIndex, error)) *readState {
	return &readState{
		root: o.Root, hidden: resolveHidden(o.Hidden), namedOnly: resolveNamedOnly(o.Root, o.NamedOnly), index: index,
		snapshots: map[string]*pendingSnapshot{}, read: map[string]*Snapshot{},
	}
}

// WithTime returns a Tree of the same files, all of which have the given time, to the second.
func (t *Tree) WithTime(epoch time.Time) *Tree {
	return &Tree{options: t.options, epoch: epoch, shared: t.shared}
}

// Reset forgets what was read: after a step that writes files they are read again. ctx is as for Open.
func (t *Tree) Reset(ctx context.Context) {
	fresh := newState(ctx, t.options)
	t.shared.mu.Lock()
	defer t.shared.mu.Unlock()
	t.shared.state = fresh
}

// Close keeps the hashes of files for the next run. The Tree can be used on.
func (t *Tree) Close() error { return t.shared.sums.Save() }

func (t *Tree) currentState() *readState {
	t.shared.mu.Lock()
	defer t.shared.mu.Unlock()
	return t.shared.state
}

// absoluteDir returns the directory that a name stands for, which may be relative to the root, with slashes.
func (t *Tree) absoluteDir(dir string) string {
	if dir = filepath.FromSlash(dir); filepath.IsAbs(dir) {
		return filepath.Clean(dir)
	}
	return filepath.Join(t.options.Root, dir)
}

// pendingSnapshot is a snapshot that is being taken, or was.
type pendingSnapshot struct {
	done     chan struct{}
	snapshot *Snapshot
	err      error
}

// Snapshot returns what a build that asks for a directory through a filter gets. Of equal requests one reads. dir may be
// relative to the root, with slashes, and may be a link. A file that cannot be read or sent is an error with its name.
func (t *Tree) Snapshot(ctx context.Context, dir string, f Filter) (*Snapshot, error) {
	s := t.currentState()
	name := t.absoluteDir(dir)
	key := name + "\x00" + f.cacheKey()
	for {
		s.mu.Lock()
		p, found := s.snapshots[key]
		if !found {
			p = &pendingSnapshot{done: make(chan struct{})}
			s.snapshots[key] = p
		}
		s.mu.Unlock()
		if !found {
			p.snapshot, p.err = t.takeSnapshot(ctx, s, name, f)
			s.finishSnapshot(key, p)
		}
		select {
		case <-p.done:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		if isInterrupted(p.err) && ctx.Err() == nil {
			continue // the other caller was cancelled, and this one was not
		}
		if p.err != nil {
			return nil, p.err
		}
		return p.snapshot.withEpoch(t.epoch), nil
	}
}

// finishSnapshot lets the others have the result. A failure is not kept: what it names may be repaired by then.
func (s *readState) finishSnapshot(key string, p *pendingSnapshot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.err != nil && s.snapshots[key] == p {
		delete(s.snapshots, key)
	}
	close(p.done)
}

func isInterrupted(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
