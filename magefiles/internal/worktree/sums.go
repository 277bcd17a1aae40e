package worktree

import (
	"sync"
	"time"
)

// sums are the contents of files by what the file system says of them. As git does, it trusts only what was last written
// well before it was read.
type sums struct {
	mu    sync.Mutex
	known map[sumKey]content
}

type sumKey struct {
	identity
	size, mtime int64
}

func openSums(Options) *sums { return &sums{known: map[sumKey]content{}} }

func (s *sums) lookup(st stat) (content, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, found := s.known[sumKey{st.identity, st.size, st.mtime}]
	return c, found
}

// add keeps what was read of a file since a moment.
func (s *sums) add(st stat, c content, since time.Time) {
	if !st.settled(since) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known[sumKey{st.identity, st.size, st.mtime}] = c
}
