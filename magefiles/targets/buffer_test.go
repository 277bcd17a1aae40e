package targets_test

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"
)

// safeBuffer takes a process's output while a test reads it.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// until waits for words to appear; a minute is for machines under load, nothing is measured.
func (s *safeBuffer) until(t *testing.T, words string) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if strings.Contains(s.String(), words) {
			return
		}
	}
	t.Fatalf("%q never appeared:\n%s", words, s.String())
}
