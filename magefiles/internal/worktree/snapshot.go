package worktree

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/opencontainers/go-digest"
	"github.com/tonistiigi/fsutil"
	fstypes "github.com/tonistiigi/fsutil/types"

	"github.com/xiilab/astrago-ci/magefiles/internal/worktree/hashcache"
)

// Snapshot is a list of files with what was in them. It implements fsutil.FS.
type Snapshot struct {
	dir    string // as it was asked for, absolute
	name   string // the same for people
	top    *node
	asked  Filter
	file   string         // that was read alone, see Tree.Read; empty: all that the filter lets through
	items  []snapshotItem // in the order that fsutil walks
	digest digest.Digest
	epoch  time.Time // of all files; zero: each has its own time
}

// Entry is one file, directory or link of a Snapshot.
type Entry struct {
	Path   string // slash-separated, relative to the directory
	Mode   fs.FileMode
	Link   string        // target of a link
	Digest digest.Digest // of a file's content
}

type snapshotItem struct {
	stat    *fstypes.Stat
	node    *node
	content hashcache.Content
}

// Digest identifies the paths, modes, targets of links and contents. Times and owners do not count.
func (s *Snapshot) Digest() digest.Digest { return s.digest }

// Entries returns what is in the Snapshot, sorted by path.
func (s *Snapshot) Entries() []Entry {
	entries := make([]Entry, 0, len(s.items))
	for _, it := range s.items {
		e := Entry{Path: it.stat.Path, Mode: fs.FileMode(it.stat.Mode), Link: it.stat.Linkname}
		if it.isRegular() {
			e.Digest = digest.NewDigestFromBytes(digest.SHA256, it.content.Sum[:])
		}
		entries = append(entries, e)
	}
	slices.SortFunc(entries, func(a, b Entry) int { return cmp.Compare(a.Path, b.Path) })
	return entries
}

func (it snapshotItem) isRegular() bool { return fs.FileMode(it.stat.Mode).IsRegular() }

// withEpoch returns the same files with one time for all.
func (s *Snapshot) withEpoch(epoch time.Time) *Snapshot {
	if epoch.IsZero() {
		return s
	}
	timed := *s
	timed.epoch = epoch
	return &timed
}

// Walk implements fsutil.FS: it visits all files below target, whatever the directory has by now.
func (s *Snapshot) Walk(ctx context.Context, target string, visit fs.WalkDirFunc) error {
	target = strings.Trim(path.Clean("/"+target), "/")
	skipped := ""
	for _, it := range s.items {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		name := it.stat.Path
		if target != "" && name != target && !strings.HasPrefix(name, target+"/") || skipped != "" && strings.HasPrefix(name, skipped) {
			continue
		}
		switch err := visit(name, &fsutil.DirEntryInfo{Stat: s.servedStat(it)}, nil); {
		case err == nil:
		case ignoreSkip(err) != nil:
			return err
		case fs.FileMode(it.stat.Mode).IsDir():
			skipped = name + "/"
		default:
			return nil
		}
	}
	return nil
}

// servedStat is the state that a daemon gets: of a file the real second, and below it what tells contents apart.
func (s *Snapshot) servedStat(it snapshotItem) *fstypes.Stat {
	st := it.stat.Clone()
	if !s.epoch.IsZero() {
		st.ModTime = s.epoch.Unix() * int64(time.Second)
	}
	if it.isRegular() {
		seconds := floorTo(st.ModTime, int64(time.Second))
		st.ModTime = seconds + it.content.Nanoseconds()
	}
	return st
}

func floorTo(n, unit int64) int64 { return n - ((n%unit)+unit)%unit }

// Open implements fsutil.FS. The reader fails at its end where the content is not the one that was hashed.
func (s *Snapshot) Open(name string) (io.ReadCloser, error) {
	it, found := s.findItem(strings.Trim(path.Clean("/"+name), "/"))
	if !found || !it.isRegular() {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	file, err := it.node.open()
	if err != nil {
		return nil, s.changedError(name, err)
	}
	fail := func(err error) error { return s.changedError(name, err) }
	return &checkedReader{file: file, hash: sha256.New(), want: it.content.Sum, fail: fail}, nil
}

// findItem looks up a path; fsutil's order is that of the paths with the separator before any other character.
func (s *Snapshot) findItem(name string) (snapshotItem, bool) {
	at, found := slices.BinarySearchFunc(s.items, name, func(it snapshotItem, name string) int { return comparePaths(it.stat.Path, name) })
	if !found {
		return snapshotItem{}, false
	}
	return s.items[at], true
}

func comparePaths(a, b string) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			switch {
			case a[i] == '/':
				return -1
			case b[i] == '/':
				return 1
			}
			return cmp.Compare(a[i], b[i])
		}
	}
	return cmp.Compare(len(a), len(b))
}

// digestOf hashes the list.
func digestOf(items []snapshotItem) digest.Digest {
	hash := sha256.New()
	for _, it := range items {
		writeText(hash, it.stat.Path)
		writeText(hash, fs.FileMode(it.stat.Mode).String())
		writeText(hash, it.stat.Linkname)
		if it.isRegular() {
			hash.Write(it.content.Sum[:])
		}
	}
	return digest.NewDigest(digest.SHA256, hash)
}

func writeText(h hash.Hash, text string) {
	var size [8]byte
	binary.BigEndian.PutUint64(size[:], uint64(len(text)))
	h.Write(size[:])
	_, _ = io.WriteString(h, text)
}
