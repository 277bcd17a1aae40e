package worktree

import (
	"testing"
	"time"
)

// What was written a moment ago may be written again within the same tick of the file system's clock.
func TestFreshFilesAreNotTrusted(t *testing.T) {
	now := time.Now()
	at := func(before time.Duration) stat {
		time := now.Add(-before).UnixNano()/1000*1000 + 1
		return stat{identity: identity{fileID{1, 2}, time}, size: 3, mtime: time}
	}
	s := openSums("", "")
	for _, before := range []time.Duration{0, 50 * time.Millisecond} {
		s.add(at(before), content{}, now)
		if _, found := s.lookup(at(before)); found {
			t.Errorf("of a file that was written %v before it was read something is kept", before)
		}
	}
	coarse := at(time.Second)
	coarse.ctime -= coarse.ctime % int64(time.Second)
	s.add(coarse, content{}, now)
	if _, found := s.lookup(coarse); found {
		t.Error("a file system that counts seconds is taken for a better one")
	}
	old := at(time.Second)
	s.add(old, content{size: old.size, mtime: old.mtime}, now)
	if _, found := s.lookup(old); !found {
		t.Error("of an old file nothing is kept")
	}
	for what, other := range map[string]stat{
		"size": {old.identity, 0, 4, old.mtime, ""}, "mtime": {old.identity, 0, 3, old.mtime - 1, ""},
		"ctime": {identity{old.fileID, old.ctime - 1}, 0, 3, old.mtime, ""}, "file": {identity{fileID{1, 3}, old.ctime}, 0, 3, old.mtime, ""},
	} {
		if _, found := s.lookup(other); found {
			t.Errorf("a file of another %s has the same content", what)
		}
	}
}
