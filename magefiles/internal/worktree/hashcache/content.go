package hashcache

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Content describes a file's content as read.
type Content struct {
	Sum     [sha256.Size]byte
	Size    int64
	Mtime   int64           // nanoseconds since 1970
	Object  [sha1.Size]byte // the id that git gives an object of these bytes
	Pointer bool            // it looks like a pointer of Git LFS in the place of the file
}

// Nanoseconds is the part of a modification time below a second: BuildKit does not send a file again whose size and time
// are those of the copy that it has, so the time must tell contents apart.
func (c Content) Nanoseconds() int64 {
	return int64(binary.BigEndian.Uint64(c.Sum[:8]) % uint64(time.Second))
}

// Pointers of Git LFS name this version first, and are smaller than pointerSize (git-lfs, docs/spec.md).
const (
	pointerVersion = "https://git-lfs.github.com/spec/v1"
	pointerSize    = 1024
)

// isPointer reports whether a file looks like a pointer of Git LFS, which reads its former versions, too, and other ends of lines than
// it writes (git-lfs, lfs/pointer.go).
func isPointer(file []byte) bool {
	if len(file) >= pointerSize {
		return false
	}
	line, _, _ := bytes.Cut(bytes.TrimSpace(file), []byte("\n"))
	version, named := bytes.CutPrefix(bytes.TrimSuffix(line, []byte("\r")), []byte("version "))
	return named && slices.Contains(
		[]string{pointerVersion, "https://hawser.github.com/spec/v1", "http://git-media.io/v/2"}, string(version))
}

// readBuffers are as large as most source files.
var readBuffers = sync.Pool{New: func() any { return new([64 << 10]byte) }}

// Hash hashes all of a reader, and returns its size, which is to be the announced one.
func (c *Content) Hash(r io.Reader, announced int64) (size int64, err error) {
	buffer := readBuffers.Get().(*[64 << 10]byte)
	defer readBuffers.Put(buffer)
	hash, object := sha256.New(), ObjectHash(sha1.New(), announced)
	for {
		n, err := io.ReadFull(r, buffer[:])
		hash.Write(buffer[:n])
		object.Write(buffer[:n])
		if size == 0 {
			c.Pointer = isPointer(buffer[:n])
		}
		size += int64(n)
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			hash.Sum(c.Sum[:0])
			object.Sum(c.Object[:0])
			return size, nil
		case err != nil:
			return size, err
		}
	}
}

// ObjectHash begins the id that git gives an object of so many bytes, which are to be written to it.
func ObjectHash(h hash.Hash, size int64) hash.Hash {
	_, _ = io.WriteString(h, "blob "+strconv.FormatInt(size, 10)+"\x00") // a hash takes everything
	return h
}

// IsPointedBy reports whether an object of git's is the pointer of Git LFS to a file of this content.
func (c Content) IsPointedBy(object string) bool {
	text := fmt.Sprintf("version %s\noid sha256:%x\nsize %d\n", pointerVersion, c.Sum, c.Size)
	h := sha1.New()
	if len(object) == sha256.Size {
		h = sha256.New()
	}
	h = ObjectHash(h, int64(len(text)))
	_, _ = io.WriteString(h, text)
	return string(h.Sum(nil)) == object
}
