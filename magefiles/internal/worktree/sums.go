package worktree

import (
	"sync"
	"time"
)

// sums are the contents of files by what the file system says of them. As git does, it trusts only what was last written
// well before it was read.
type sums struct {
	file string // that keeps them from run to run; empty: none does

	mu    sync.Mutex
	known map[fileID]known
	taken int   // files that need not be read
	added int64 // bytes that were read since they were loaded
}

// known is the content of a file that nothing has written to since.
type known struct {
	ctime int64 // nanoseconds since 1970
	content
}

func (s *sums) lookup(st stat) (content, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, found := s.known[st.fileID]
	if !found || k.ctime != st.ctime || k.size != st.size || k.mtime != st.mtime {
		return content{}, false
	}
	s.taken++
	return k.content, true
}

// add keeps what was read of a file since a moment.
func (s *sums) add(st stat, c content, since time.Time) {
	if !st.settled(since) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known[st.fileID] = known{st.ctime, c}
	s.added += c.size
}

// hits returns how many files needed not be read.
func (s *sums) hits() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.taken
}
