package hashcache

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"

	"github.com/xiilab/astrago-ci/magefiles/internal/atomicfile"
)

const (
	sumsMagic   = "astrago-ci file sums 4\n"
	sumsRecord  = 6*8 + sha256.Size + sha1.Size // device, inode, ctime, size, mtime, flags, sum, object
	worthBytes  = 20 << 20                      // less is read again as fast
	mostSums    = 1_000_000                     // about 100 MB
	flagPointer = uint64(1)                     // flags of a record
	ownerOnly   = os.FileMode(0o022)            // no other user may write to the directory
)

// Open loads what an earlier run has read below the same root. Whatever is wrong with the file, the files are read again.
func Open(root, cacheDir string) *Cache {
	s := &Cache{known: map[fileID]knownContent{}}
	if cacheDir == "" {
		return s
	}
	name := sha256.Sum256([]byte(root))
	s.file = filepath.Join(cacheDir, hex.EncodeToString(name[:16]))
	if !isPrivate(cacheDir) {
		return s
	}
	data, err := os.ReadFile(s.file)
	if err == nil {
		s.decode(data)
	}
	return s
}

// isPrivate reports whether only this user writes to a directory: a user that writes hashes decides what files are taken for.
func isPrivate(dir string) bool {
	info, err := os.Lstat(dir)
	return err == nil && info.IsDir() && info.Mode()&ownerOnly == 0 && isOwn(info)
}

// decode ignores a file that is not whole.
func (s *Cache) decode(data []byte) {
	body, whole := bytes.CutPrefix(data, []byte(sumsMagic))
	end := len(body) - sha256.Size
	if !whole || end < 0 || end%sumsRecord != 0 || sha256.Sum256(body[:end]) != [sha256.Size]byte(body[end:]) {
		return
	}
	s.known = make(map[fileID]knownContent, end/sumsRecord)
	for r := body[:end]; len(r) > 0; r = r[sumsRecord:] {
		number := func(i int) uint64 { return binary.LittleEndian.Uint64(r[i*8:]) }
		k := knownContent{ctime: int64(number(2)), Content: Content{Size: int64(number(3)), Mtime: int64(number(4))}}
		k.Pointer = number(5)&flagPointer != 0
		copy(k.Sum[:], r[6*8:])
		copy(k.Object[:], r[6*8+sha256.Size:])
		s.known[fileID{number(0), number(1)}] = k
	}
}

func (s *Cache) encode() []byte {
	data := append(make([]byte, 0, len(sumsMagic)+len(s.known)*sumsRecord+sha256.Size), sumsMagic...)
	for id, k := range s.known {
		flags := uint64(0)
		if k.Pointer {
			flags |= flagPointer
		}
		for _, n := range []uint64{id.device, id.inode, uint64(k.ctime), uint64(k.Size), uint64(k.Mtime), flags} {
			data = binary.LittleEndian.AppendUint64(data, n)
		}
		data = append(append(data, k.Sum[:]...), k.Object[:]...)
	}
	sum := sha256.Sum256(data[len(sumsMagic):])
	return append(data, sum[:]...)
}

// Save keeps the sums for the next run, where that is worth it.
func (s *Cache) Save() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == "" || s.added < worthBytes || len(s.known) > mostSums {
		return nil
	}
	dir := filepath.Dir(s.file)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("keeping the sums of files: %w", err)
	}
	if !isPrivate(dir) {
		return nil
	}
	// Unsynced: a file that is not whole is no cache.
	if err := atomicfile.WriteData(s.file, atomicfile.Options{Mode: 0o600, Unsynced: true}, s.encode()); err != nil {
		return fmt.Errorf("keeping the sums of files: %w", err)
	}
	s.added = 0
	return nil
}
