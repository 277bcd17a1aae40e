package worktree

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
)

const (
	sumsMagic  = "astrago-ci file sums 3\n"
	sumsRecord = 6*8 + sha256.Size + sha1.Size // device, inode, ctime, size, mtime, flags, sum, object
	worthBytes = 20 << 20                      // less is read again as fast
	mostSums   = 1_000_000                     // about 100 MB
	isPointer  = uint64(1)                     // flags of a record
	ownerOnly  = os.FileMode(0o022)            // no other user may write to the directory
)

// openSums loads what an earlier run has read below the same root. Whatever is wrong with the file, the files are read again.
func openSums(root, cacheDir string) *sums {
	s := &sums{known: map[fileID]known{}}
	if cacheDir == "" {
		return s
	}
	name := sha256.Sum256([]byte(root))
	s.file = filepath.Join(cacheDir, hex.EncodeToString(name[:16]))
	if !private(cacheDir) {
		return s
	}
	data, err := os.ReadFile(s.file)
	if err == nil {
		s.decode(data)
	}
	return s
}

// private reports whether only this user writes to a directory: a user that writes hashes decides what files are taken for.
func private(dir string) bool {
	info, err := os.Lstat(dir)
	return err == nil && info.IsDir() && info.Mode()&ownerOnly == 0 && ours(info)
}

// decode ignores a file that is not whole.
func (s *sums) decode(data []byte) {
	body, whole := bytes.CutPrefix(data, []byte(sumsMagic))
	end := len(body) - sha256.Size
	if !whole || end < 0 || end%sumsRecord != 0 || sha256.Sum256(body[:end]) != [sha256.Size]byte(body[end:]) {
		return
	}
	s.known = make(map[fileID]known, end/sumsRecord)
	for r := body[:end]; len(r) > 0; r = r[sumsRecord:] {
		number := func(i int) uint64 { return binary.LittleEndian.Uint64(r[i*8:]) }
		k := known{ctime: int64(number(2)), content: content{size: int64(number(3)), mtime: int64(number(4))}}
		k.pointer = number(5)&isPointer != 0
		copy(k.sum[:], r[6*8:])
		copy(k.object[:], r[6*8+sha256.Size:])
		s.known[fileID{number(0), number(1)}] = k
	}
}

func (s *sums) encode() []byte {
	data := append(make([]byte, 0, len(sumsMagic)+len(s.known)*sumsRecord+sha256.Size), sumsMagic...)
	for id, k := range s.known {
		flags := uint64(0)
		if k.pointer {
			flags |= isPointer
		}
		for _, n := range []uint64{id.device, id.inode, uint64(k.ctime), uint64(k.size), uint64(k.mtime), flags} {
			data = binary.LittleEndian.AppendUint64(data, n)
		}
		data = append(append(data, k.sum[:]...), k.object[:]...)
	}
	sum := sha256.Sum256(data[len(sumsMagic):])
	return append(data, sum[:]...)
}

// save keeps the sums for the next run, where that is worth it.
func (s *sums) save() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == "" || s.added < worthBytes || len(s.known) > mostSums {
		return nil
	}
	dir := filepath.Dir(s.file)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("keeping the sums of files: %w", err)
	}
	if !private(dir) {
		return nil
	}
	if err := replace(s.file, s.encode()); err != nil {
		return fmt.Errorf("keeping the sums of files: %w", err)
	}
	s.added = 0
	return nil
}

// replace writes a file that is whole whenever it is read.
func replace(name string, data []byte) (err error) {
	partial, err := os.CreateTemp(filepath.Dir(name), "partial-")
	if err != nil {
		return err
	}
	defer os.Remove(partial.Name())
	_, err = partial.Write(data)
	if closing := partial.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return err
	}
	return os.Rename(partial.Name(), name)
}
