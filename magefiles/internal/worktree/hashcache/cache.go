// Package hashcache hashes the contents of files, and remembers the hashes from run to run, by what the file system says of a file:
// one that nothing has written to since is not read again.
package hashcache

import (
	"sync"
	"time"
)

// Cache are the contents of files by what the file system says of them. As git does, it trusts only what was last written
// well before it was read.
type Cache struct {
	file string // that keeps them from run to run; empty: none does

	mu    sync.Mutex
	known map[fileID]knownContent
	taken int   // files that need not be read
	added int64 // bytes that were read since they were loaded
}

// knownContent is a content with the time of the file's last change.
type knownContent struct {
	ctime int64 // nanoseconds since 1970
	Content
}

// Lookup returns the content of a file that nothing has written to since.
func (s *Cache) Lookup(st Stat) (Content, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, found := s.known[st.fileID]
	if !found || k.ctime != st.ctime || k.Size != st.Size || k.Mtime != st.Mtime {
		return Content{}, false
	}
	s.taken++
	return k.Content, true
}

// Add keeps what was read of a file since a moment.
func (s *Cache) Add(st Stat, c Content, since time.Time) {
	if !st.isSettled(since) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known[st.fileID] = knownContent{st.ctime, c}
	s.added += c.Size
}

// Hits returns how many files needed not be read.
func (s *Cache) Hits() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.taken
}
