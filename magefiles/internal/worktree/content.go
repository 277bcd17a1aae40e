package worktree

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"sync"
	"time"
)

// content is what was read of a file.
type content struct {
	sum     [sha256.Size]byte
	size    int64
	mtime   int64           // nanoseconds since 1970
	object  [sha1.Size]byte // the id that git gives an object of these bytes
	pointer bool            // it looks like a pointer of Git LFS in the place of the file
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

// buffers are as large as most source files.
var buffers = sync.Pool{New: func() any { return new([64 << 10]byte) }}

// read hashes all of a reader, and returns its size, which is to be the announced one.
func (c *content) read(r io.Reader, announced int64) (size int64, err error) {
	buffer := buffers.Get().(*[64 << 10]byte)
	defer buffers.Put(buffer)
	hash, object := sha256.New(), objectHash(sha1.New(), announced)
	for {
		n, err := io.ReadFull(r, buffer[:])
		hash.Write(buffer[:n])
		object.Write(buffer[:n])
		if size == 0 {
			c.pointer = n < pointerSize && bytes.HasPrefix(buffer[:n], []byte(pointerStart))
		}
		size += int64(n)
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			hash.Sum(c.sum[:0])
			object.Sum(c.object[:0])
			return size, nil
		case err != nil:
			return size, err
		}
	}
}
