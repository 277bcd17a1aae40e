package hashcache

import (
	"io/fs"
	"time"
)

// Stat is a file's status in the file system. Two equal ones of different times mean that nothing was written between.
type Stat struct {
	fileIdentity
	Mode  fs.FileMode
	Size  int64
	Mtime int64  // nanoseconds since 1970
	Link  string // target of a link
}

// fileIdentity distinguishes files of equal paths.
type fileIdentity struct {
	fileID
	ctime int64 // nanoseconds since 1970
}

// fileID identifies a file as long as it exists.
type fileID struct{ device, inode uint64 }

// StatOf returns what is known of a file.
func StatOf(info fs.FileInfo) Stat {
	return Stat{fileIdentity: identityOf(info), Mode: info.Mode(), Size: info.Size(), Mtime: info.ModTime().UnixNano()}
}

// isSettled reports whether a file was last written so long before a moment that another writing would have another time.
func (s Stat) isSettled(at time.Time) bool {
	if s.inode == 0 {
		return false // a system that reports too little
	}
	margin := 100 * time.Millisecond // several ticks of a kernel
	if s.ctime%int64(time.Second) == 0 {
		margin = 2 * time.Second // of file systems that count seconds
	}
	limit := at.Add(-margin).UnixNano()
	return s.Mtime < limit && s.ctime < limit
}
