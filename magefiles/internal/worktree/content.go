package worktree

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// content is what was read of a file.
type content struct {
	sum     [sha256.Size]byte
	size    int64
	mtime   int64 // nanoseconds since 1970
	pointer bool  // it looks like a pointer of Git LFS in the place of the file
}

// nanoseconds is the part of a modification time below a second: BuildKit does not send a file again whose size and time
// are those of the copy that it has, so the time must tell contents apart.
func (c content) nanoseconds() int64 {
	return int64(binary.BigEndian.Uint64(c.sum[:8]) % uint64(time.Second))
}

// pointers of Git LFS begin like this, and are smaller than pointerSize (git-lfs, docs/spec.md).
const (
	pointerStart = "version https://git-lfs.github.com/spec/v1\n"
	pointerSize  = 1024
)

// attempts is how often a file is read that is being written.
const attempts = 3

var errBeingWritten = errors.New("it is being written")

// open opens the file that the node is. A link or a pipe that has taken its place is not followed or waited for.
func (n *node) open() (*os.File, stat, error) {
	file, err := n.disk.root.OpenFile(n.path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, stat{}, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: n.path, Err: errors.New("it is no regular file any more")}
	}
	if err != nil {
		return nil, stat{}, errors.Join(err, file.Close())
	}
	return file, statOf(info), nil
}

// hash reads the content once.
func (n *node) hash() (content, error) {
	n.hashed.Do(func() {
		if known, found := n.disk.sums.lookup(n.stat); found {
			n.content = known
			return
		}
		for range attempts {
			if n.content, n.readErr = n.readContent(); !errors.Is(n.readErr, errBeingWritten) {
				return
			}
		}
	})
	return n.content, n.readErr
}

func (n *node) readContent() (c content, err error) {
	file, before, err := n.open()
	if err != nil {
		return c, err
	}
	defer file.Close()
	began := time.Now()
	var start bytes.Buffer
	hash := sha256.New()
	size, err := io.Copy(hash, io.TeeReader(file, &limited{&start, pointerSize}))
	if err != nil {
		return c, err
	}
	info, err := file.Stat()
	if err != nil {
		return c, err
	}
	if after := statOf(info); after != before || size != after.size {
		return c, fmt.Errorf("reading %q: %w", filepath.Join(n.disk.path, n.path), errBeingWritten)
	}
	hash.Sum(c.sum[:0])
	c.size, c.mtime = before.size, before.mtime
	c.pointer = size < pointerSize && bytes.HasPrefix(start.Bytes(), []byte(pointerStart))
	n.disk.sums.add(before, c, began)
	return c, nil
}

// limited keeps the first bytes that are written to it.
type limited struct {
	*bytes.Buffer
	most int
}

// Write implements io.Writer.
func (l *limited) Write(p []byte) (int, error) {
	l.Buffer.Write(p[:min(len(p), l.most-l.Len())])
	return len(p), nil
}
