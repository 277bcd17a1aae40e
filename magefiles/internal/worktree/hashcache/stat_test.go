package hashcache

import (
	"testing"
	"time"
)

// What was written a moment ago may be written again within the same tick of the file system's clock.
func TestFreshFilesAreNotTrusted(t *testing.T) {
	now := time.Now()
	at := func(before time.Duration) Stat {
		time := now.Add(-before).UnixNano()/1000*1000 + 1
		return Stat{fileIdentity: fileIdentity{fileID{1, 2}, time}, Size: 3, Mtime: time}
	}
	s := Open("", "")
	for _, before := range []time.Duration{0, 50 * time.Millisecond} {
		s.Add(at(before), Content{}, now)
		if _, found := s.Lookup(at(before)); found {
			t.Errorf("of a file that was written %v before it was read something is kept", before)
		}
	}
	coarse := at(time.Second)
	coarse.ctime -= coarse.ctime % int64(time.Second)
	s.Add(coarse, Content{}, now)
	if _, found := s.Lookup(coarse); found {
		t.Error("a file system that counts seconds is taken for a better one")
	}
	old := at(time.Second)
	s.Add(old, Content{Size: old.Size, Mtime: old.Mtime}, now)
	if _, found := s.Lookup(old); !found {
		t.Error("of an old file nothing is kept")
	}
	for what, other := range map[string]Stat{
		"size": {old.fileIdentity, 0, 4, old.Mtime, ""}, "mtime": {old.fileIdentity, 0, 3, old.Mtime - 1, ""},
		"ctime": {fileIdentity{old.fileID, old.ctime - 1}, 0, 3, old.Mtime, ""}, "file": {fileIdentity{fileID{1, 3}, old.ctime}, 0, 3, old.Mtime, ""},
	} {
		if _, found := s.Lookup(other); found {
			t.Errorf("a file of another %s has the same content", what)
		}
	}
}
